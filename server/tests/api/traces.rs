//! Traces for an OpenTelemetry collector: what is asked, how long it took, and nobody's name.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::mpsc::{Receiver, channel},
    time::Duration,
};

use vestibule_protocol::batch::SYNC_PATH;

use crate::{
    command_line::{Process, device},
    fixture::client,
};

/// How long it may take until a trace has come: spans are sent every 5 s, and when the server stops.
const PATIENCE: Duration = Duration::from_secs(20);

/// A collector that keeps what it is sent: the bodies of the requests, in which texts stand as they are.
fn collector() -> (String, Receiver<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let (sender, bodies) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let sender = sender.clone();
            std::thread::spawn(move || {
                let mut reader = BufReader::new(stream.unwrap());
                while let Some(body) = take(&mut reader) {
                    if sender.send(body).is_err() {
                        return;
                    }
                }
            });
        }
    });
    (address, bodies)
}

/// Takes one request and answers it.
fn take(reader: &mut BufReader<TcpStream>) -> Option<Vec<u8>> {
    let (mut line, mut length) = (String::new(), 0);
    reader.read_line(&mut line).ok().filter(|&read| read > 0)?;
    assert!(line.starts_with("POST /v1/traces "), "{line}");
    loop {
        line.clear();
        reader.read_line(&mut line).ok()?;
        match line.trim().to_ascii_lowercase().split_once(": ") {
            Some(("content-length", value)) => length = value.parse().unwrap(),
            Some(_) => {}
            None => break,
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let answer = b"HTTP/1.1 200 OK\r\nContent-Type: application/x-protobuf\r\nContent-Length: 0\r\n\r\n";
    reader.get_mut().write_all(answer).ok()?;
    Some(body)
}

#[tokio::test]
async fn a_collector_hears_of_each_request_and_of_no_visitor() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let (address, bodies) = collector();
    let mut server = Process::start_with(&data, &["--listen", "127.0.0.1:0", "--otlp", &address]);
    let mut kiosk = device(&data, "Lobby");
    let events = kiosk.check_ins(1);
    let request = client().post(format!("{}{SYNC_PATH}", server.base)).bearer_auth(&kiosk.credentials.token);
    let request = request
        .header("content-type", "application/json")
        .header("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
        .body(kiosk.batch(&events));
    assert_eq!(request.send().await.unwrap().status(), 200);
    assert!(server.terminate().await.success());
    let mut heard = Vec::new();
    let holds = |heard: &[u8], text: &[u8]| heard.windows(text.len()).any(|window| window == text);
    let sender_of_the_trace = [0x0a, 0xf7, 0x65, 0x19, 0x16, 0xcd, 0x43, 0xdd];
    while !(holds(&heard, b"POST /api/v1/sync") && holds(&heard, b"commit") && holds(&heard, &sender_of_the_trace)) {
        heard.extend(bodies.recv_timeout(PATIENCE).expect("the traces come"));
    }
    let name = &events[0].text.split("\"name\":\"").nth(1).unwrap().split('"').next().unwrap();
    assert!(!name.is_empty() && !holds(&heard, name.as_bytes()), "{name}");
}
