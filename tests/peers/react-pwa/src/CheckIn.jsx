import { useEffect, useState } from "react";

export function CheckIn() {
  const [visitor, setVisitor] = useState({ name: "", company: "", host: "" });
  const [greeting, setGreeting] = useState("");

  // From here on the form can be used: it is in the page with its listeners.
  useEffect(() => {
    performance.mark("usable");
  }, []);

  const field = (name, label) => (
    <label>
      {label}
      <input
        name={name}
        value={visitor[name]}
        onChange={(event) => setVisitor({ ...visitor, [name]: event.target.value })}
        required={name === "name"}
      />
    </label>
  );
  const submit = (event) => {
    event.preventDefault();
    setGreeting(`Welcome, ${visitor.name}.`);
  };
  return (
    <main>
      <h1>Welcome</h1>
      <form id="check-in" onSubmit={submit}>
        {field("name", "Your name")}
        {field("company", "Company")}
        {field("host", "Whom do you visit?")}
        <button type="submit">Check in</button>
      </form>
      <p role="status">{greeting}</p>
    </main>
  );
}
