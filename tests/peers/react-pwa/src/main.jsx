import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { CheckIn } from "./CheckIn.jsx";
import "./style.css";

createRoot(document.getElementById("root")).render(
  <StrictMode>
    <CheckIn />
  </StrictMode>,
);
