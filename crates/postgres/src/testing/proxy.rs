//! A way to PostgreSQL that breaks when it is told to.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use crate::Address;

/// What happens to the next COMMIT that comes by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AtCommit {
    /// It is not delivered, and the connection is cut.
    Swallow,
    /// It is delivered; the connection is cut before the answer comes back.
    Mute,
    /// The client's side is cut at once. The server gets the COMMIT later, when the client may already be back.
    Delay,
}

/// Stands before PostgreSQL, and cuts their connections when it is told to.
#[derive(Debug)]
pub struct Proxy {
    listens: SocketAddr,
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    target: PathBuf,
    refuses: AtomicBool,
    plan: Mutex<Option<AtCommit>>,
    open: Mutex<Vec<(TcpStream, UnixStream)>>,
    made: AtomicU32,
}

impl Proxy {
    /// Starts a proxy before the socket of a server.
    pub fn before(socket: &Path) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let listens = listener.local_addr().expect("an address");
        let inner = Arc::new(Inner {
            target: socket.to_owned(),
            refuses: AtomicBool::new(false),
            plan: Mutex::new(None),
            open: Mutex::new(Vec::new()),
            made: AtomicU32::new(0),
        });
        let shared = Arc::downgrade(&inner);
        thread::spawn(move || {
            for client in listener.incoming() {
                let (Ok(client), Some(inner)) = (client, shared.upgrade()) else { return };
                inner.connect(&client);
            }
        });
        Self { listens, inner }
    }

    /// Returns the address of a database as it is reached through here.
    pub fn address(&self, database: &Address) -> Address {
        let name = database.url().rsplit('/').next().expect("a name");
        Address::parse(&format!("postgres://postgres@{}/{name}", self.listens), None).expect("an address")
    }

    /// Cuts every connection there is.
    pub fn cut(&self) {
        for (client, server) in self.inner.open.lock().expect("nobody panics").drain(..) {
            let _ = client.shutdown(Shutdown::Both);
            let _ = server.shutdown(Shutdown::Both);
        }
    }

    /// Refuses new connections, or lets them through again.
    pub fn refuse(&self, refuses: bool) {
        self.inner.refuses.store(refuses, Ordering::SeqCst);
    }

    /// Says what happens to the next COMMIT.
    pub fn at_next_commit(&self, what: AtCommit) {
        *self.inner.plan.lock().expect("nobody panics") = Some(what);
    }

    /// Tells whether the plan for the next COMMIT still waits for one.
    pub fn waits(&self) -> bool {
        self.inner.plan.lock().expect("nobody panics").is_some()
    }

    /// Returns how many connections were made through here.
    pub fn made(&self) -> u32 {
        self.inner.made.load(Ordering::SeqCst)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.cut();
        self.refuse(true);
        // Lets the thread that listens see that nobody needs it any more.
        let _ = TcpStream::connect(self.listens);
    }
}

impl Inner {
    fn connect(self: Arc<Self>, client: &TcpStream) {
        if self.refuses.load(Ordering::SeqCst) {
            return;
        }
        // A server that is stopped refuses, and so does this.
        let Ok(server) = UnixStream::connect(&self.target) else { return };
        let _ = client.set_nodelay(true);
        self.made.fetch_add(1, Ordering::SeqCst);
        let pair = || Some((client.try_clone().ok()?, server.try_clone().ok()?));
        let (Some(kept), Some(there), Some(back)) = (pair(), pair(), pair()) else { return };
        self.open.lock().expect("nobody panics").push(kept);
        let muted = Arc::new(AtomicBool::new(false));
        let mute = Arc::clone(&muted);
        thread::spawn(move || self.there(there, &mute));
        thread::spawn(move || answers(back, &muted));
    }

    fn there(&self, (mut client, mut server): (TcpStream, UnixStream), mute: &AtomicBool) {
        let mut bytes = vec![0; 64 << 10];
        while let Ok(count @ 1..) = client.read(&mut bytes) {
            let bytes = &bytes[..count];
            let plan = if bytes.windows(7).any(|window| window == b"COMMIT\0") {
                self.plan.lock().expect("nobody panics").take()
            } else {
                None
            };
            match plan {
                Some(AtCommit::Swallow) => break,
                Some(AtCommit::Mute) => mute.store(true, Ordering::SeqCst),
                Some(AtCommit::Delay) => {
                    let _ = client.shutdown(Shutdown::Both);
                    thread::sleep(Duration::from_millis(400));
                    let _ = server.write_all(bytes);
                    // Gone only after the server has read it.
                    thread::sleep(Duration::from_millis(200));
                    break;
                }
                None => {}
            }
            if server.write_all(bytes).is_err() {
                break;
            }
        }
        let _ = (client.shutdown(Shutdown::Both), server.shutdown(Shutdown::Both));
    }
}

fn answers((mut client, mut server): (TcpStream, UnixStream), muted: &AtomicBool) {
    let mut bytes = vec![0; 64 << 10];
    while let Ok(count @ 1..) = server.read(&mut bytes) {
        if muted.load(Ordering::SeqCst) || client.write_all(&bytes[..count]).is_err() {
            break;
        }
    }
    let _ = (client.shutdown(Shutdown::Both), server.shutdown(Shutdown::Both));
}
