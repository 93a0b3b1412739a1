//! A folder of pages, served on 127.0.0.1 at a free port.
//!
//! `headers.json` in the folder, if there is one, adds response headers by file name:
//! `{"strict.html": {"content-security-policy": "default-src 'none'"}}`. Nothing outside the folder is served.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use tiny_http::{Header, Request, Response, Server};

use crate::HarnessError;

/// Name of the file that holds further headers by file name.
const HEADERS_FILE: &str = "headers.json";

/// Media types by file ending; anything else is served as bytes.
const MEDIA_TYPES: [(&str, &str); 10] = [
    ("html", "text/html; charset=utf-8"),
    ("css", "text/css; charset=utf-8"),
    ("js", "text/javascript; charset=utf-8"),
    ("mjs", "text/javascript; charset=utf-8"),
    ("wasm", "application/wasm"),
    ("json", "application/json"),
    ("txt", "text/plain; charset=utf-8"),
    ("pdf", "application/pdf"),
    ("png", "image/png"),
    ("svg", "image/svg+xml"),
];

/// Further headers: file name -> header -> value.
type Headers = HashMap<String, HashMap<String, String>>;

/// A running server; it ends when its handle is dropped.
pub struct PageServer {
    server: Arc<Server>,
    port: u16,
    requested: Arc<Mutex<Vec<String>>>,
    worker: Option<JoinHandle<()>>,
}

impl PageServer {
    /// Serves this folder.
    ///
    /// # Errors
    /// When the folder or its `headers.json` cannot be read, or no port can be had.
    pub fn start(folder: &Path) -> Result<Self, HarnessError> {
        let reading = || HarnessError::io(format!("serve the folder {}", folder.display()));
        let folder = folder.canonicalize().map_err(reading())?;
        let headers: Headers = match fs::read_to_string(folder.join(HEADERS_FILE)) {
            Ok(text) => serde_json::from_str(&text)
                .map_err(io::Error::from)
                .map_err(reading())?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Headers::new(),
            Err(error) => return Err(reading()(error)),
        };
        let server = Server::http("127.0.0.1:0")
            .map_err(io::Error::other)
            .map_err(reading())?;
        let port = server
            .server_addr()
            .to_ip()
            .ok_or_else(|| io::Error::other("the server has no port"))
            .map_err(reading())?
            .port();
        let server = Arc::new(server);
        let workers_server = Arc::clone(&server);
        let requested = Arc::new(Mutex::new(Vec::new()));
        let workers_requested = Arc::clone(&requested);
        let worker = thread::spawn(move || {
            for request in workers_server.incoming_requests() {
                workers_requested
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push(request.url().to_owned());
                answer(request, &folder, &headers);
            }
        });
        Ok(Self {
            server,
            port,
            requested,
            worker: Some(worker),
        })
    }

    /// The address of a file of the folder.
    pub fn url(&self, file: &str) -> String {
        format!("http://127.0.0.1:{}/{file}", self.port)
    }

    /// What has been asked for until now: paths with their queries, in order.
    pub fn requested(&self) -> Vec<String> {
        self.requested.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for PageServer {
    fn drop(&mut self) {
        self.server.unblock();
        if let Some(worker) = self.worker.take() {
            // Its panic, if any, was printed when it happened.
            let _ = worker.join();
        }
    }
}

/// Answers one request: 200 with the file, or 404.
fn answer(request: Request, folder: &Path, headers: &Headers) {
    let path = request
        .url()
        .split(['?', '#'])
        .next()
        .unwrap_or_default()
        .trim_start_matches('/')
        .to_owned();
    // A browser that has left before the answer is served no longer.
    let _ = match file_in(folder, &path).and_then(|file| fs::read(file).ok()) {
        Some(content) => {
            let mut response = Response::from_data(content);
            let further = headers
                .get(&path)
                .into_iter()
                .flatten()
                .map(|(name, value)| (name.as_str(), value.as_str()));
            for (name, value) in [("content-type", media_type(&path)), ("cache-control", "no-store")]
                .into_iter()
                .chain(further)
            {
                if let Ok(header) = Header::from_bytes(name, value) {
                    response.add_header(header);
                }
            }
            request.respond(response)
        }
        None => request.respond(Response::from_string("There is no such page.").with_status_code(404)),
    };
}

/// The file that a request's path names, if it stays in the folder.
fn file_in(folder: &Path, path: &str) -> Option<PathBuf> {
    let path = Path::new(path);
    path.components()
        .all(|component| matches!(component, Component::Normal(_)))
        .then(|| folder.join(path))
}

fn media_type(path: &str) -> &'static str {
    let ending = path.rsplit('.').next().unwrap_or_default();
    MEDIA_TYPES
        .iter()
        .find(|(known, _)| *known == ending)
        .map_or("application/octet-stream", |&(_, media_type)| media_type)
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpStream;

    use super::*;

    fn get(server: &PageServer, path: &str) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", server.port)).unwrap();
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    #[test]
    fn serves_the_folder_with_its_headers_and_nothing_else() {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("pages");
        fs::create_dir(&folder).unwrap();
        fs::write(parent.path().join("secret.txt"), "secret").unwrap();
        fs::write(folder.join("a.html"), "<p>a").unwrap();
        fs::write(folder.join("b.html"), "<p>b").unwrap();
        fs::write(
            folder.join(HEADERS_FILE),
            r#"{"a.html": {"content-security-policy": "default-src 'none'"}}"#,
        )
        .unwrap();
        let server = PageServer::start(&folder).unwrap();

        let a = get(&server, "/a.html?query");
        assert!(a.starts_with("HTTP/1.1 200") && a.ends_with("<p>a"), "{a}");
        assert!(
            a.to_lowercase().contains("content-security-policy: default-src 'none'"),
            "{a}"
        );
        assert!(
            a.to_lowercase().contains("content-type: text/html; charset=utf-8"),
            "{a}"
        );
        let b = get(&server, "/b.html");
        assert!(
            b.ends_with("<p>b") && !b.to_lowercase().contains("content-security-policy"),
            "{b}"
        );
        for outside in ["/../secret.txt", "/none.html", "//etc/passwd", "/"] {
            let answer = get(&server, outside);
            assert!(
                answer.starts_with("HTTP/1.1 404") && !answer.contains("secret"),
                "{outside}: {answer}"
            );
        }
    }
}
