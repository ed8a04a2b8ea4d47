use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use super::*;

/// A token that ends so many seconds from now.
fn token(name: &str, in_s: i64) -> String {
    let claims = json!({ "name": name, "exp": now().0 / 1_000_000 + in_s }).to_string();
    format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(claims))
}

/// A folder with tokens of which the access token ends so soon.
fn logged_in(folder: &Path, in_s: i64) -> String {
    let access = token("old", in_s);
    let auth = json!({
        "OPENAI_API_KEY": null,
        "tokens": {
            "id_token": "id-1", "access_token": access, "refresh_token": "refresh-1",
            "account_id": "acc-1",
        },
        "last_refresh": "2026-11-01T00:00:00Z",
    });
    std::fs::write(folder.join("auth.json"), auth.to_string()).unwrap();
    access
}

/// A provider's log-in that gives one answer to all.
struct Provider {
    url: String,
    calls: Arc<AtomicU32>,
    /// The last of them.
    told: Arc<Mutex<String>>,
    _tasks: JoinSet<()>,
}

async fn provider(status: u16, answer: Value) -> Provider {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/oauth/token", listener.local_addr().unwrap());
    let (calls, told) = (Arc::new(AtomicU32::new(0)), Arc::new(Mutex::default()));
    let (counted, kept) = (Arc::clone(&calls), Arc::clone(&told));
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut text = String::new();
            let mut bytes = [0; 4096];
            while !text.ends_with('}') {
                let n = stream.read(&mut bytes).await.unwrap();
                text.push_str(std::str::from_utf8(&bytes[..n]).unwrap());
            }
            counted.fetch_add(1, Ordering::SeqCst);
            *kept.lock().unwrap() = text;
            // Long enough for others to come meanwhile.
            tokio::time::sleep(Duration::from_millis(200)).await;
            let body = answer.to_string();
            let length = body.len();
            let text = format!("HTTP/1.1 {status} X\r\ncontent-length: {length}\r\n\r\n{body}");
            stream.write_all(text.as_bytes()).await.unwrap();
        }
    });
    Provider { url, calls, told, _tasks: tasks }
}

#[tokio::test]
async fn a_token_that_lasts_is_used_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let access = logged_in(folder.path(), 3_600);
    let nobody = Subscription::at(folder.path()).renewed_at("http://127.0.0.1:1/");
    let found = nobody.access().await.unwrap();
    assert_eq!((found.token.as_str(), found.account.as_deref()), (access.as_str(), Some("acc-1")));
    assert!(!format!("{found:?} {nobody:?}").contains(&access));
}

#[tokio::test]
async fn a_token_that_ends_is_renewed_once_however_many_need_it() {
    let folder = tempfile::tempdir().unwrap();
    logged_in(folder.path(), 60);
    let new = token("new", 86_400);
    let answer = json!({ "access_token": new, "refresh_token": "refresh-2" });
    let provider = provider(200, answer).await;
    let subscription = Subscription::at(folder.path()).renewed_at(&provider.url);
    let mut callers = JoinSet::new();
    for _ in 0..8 {
        let subscription = subscription.clone();
        callers.spawn(async move { subscription.access().await.unwrap().token });
    }
    while let Some(token) = callers.join_next().await {
        assert_eq!(token.unwrap(), new);
    }
    assert_eq!(provider.calls.load(Ordering::SeqCst), 1);
    let told = provider.told.lock().unwrap().clone();
    assert!(told.starts_with("POST /oauth/token HTTP/1.1\r\n"), "{told}");
    assert!(told.contains("\"refresh_token\":\"refresh-1\"") && told.contains(CLIENT), "{told}");
    let kept: Value =
        serde_json::from_slice(&std::fs::read(folder.path().join("auth.json")).unwrap()).unwrap();
    assert_eq!(kept["tokens"]["refresh_token"], "refresh-2");
    assert_eq!(
        (&kept["tokens"]["id_token"], &kept["tokens"]["account_id"]),
        (&json!("id-1"), &json!("acc-1"))
    );
}

/// The agent whose call it was may be ended in the midst of it.
#[tokio::test]
async fn what_was_renewed_is_kept_although_nobody_waits_for_it_any_more() {
    let folder = tempfile::tempdir().unwrap();
    logged_in(folder.path(), 60);
    let new = token("new", 86_400);
    let answer = json!({ "access_token": new, "refresh_token": "refresh-2" });
    let provider = provider(200, answer).await;
    let subscription = Subscription::at(folder.path()).renewed_at(&provider.url);
    let mut call = Box::pin(subscription.access());
    while provider.calls.load(Ordering::SeqCst) == 0 {
        let waited = tokio::time::timeout(Duration::from_millis(5), &mut call).await;
        assert!(waited.is_err(), "it was answered before it was asked");
    }
    drop(call);
    let begun = std::time::Instant::now();
    while subscription.present().unwrap().token != new {
        assert!(begun.elapsed() < Duration::from_secs(20), "the new tokens are lost");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let kept = std::fs::read_to_string(folder.path().join("auth.json")).unwrap();
    assert!(kept.contains("refresh-2") && !kept.contains("refresh-1"), "{kept}");
}

#[tokio::test]
async fn what_is_not_renewed_says_what_to_type_and_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    logged_in(folder.path(), 60);
    let provider = provider(400, json!({ "error": "refresh_token_reused" })).await;
    let subscription = Subscription::at(folder.path()).renewed_at(&provider.url);
    let refused = subscription.access().await.unwrap_err();
    assert!(refused.to_string().contains("gangline login codex --subscription"), "{refused}");
    assert!(refused.to_string().contains("400"), "{refused}");
    let kept = std::fs::read_to_string(folder.path().join("auth.json")).unwrap();
    assert!(kept.contains("refresh-1"));

    let gone = Subscription::at(folder.path().join("gone")).access().await.unwrap_err();
    assert!(matches!(gone, SubscriptionError::Nobody), "{gone}");
    std::fs::write(folder.path().join("auth.json"), "{\"OPENAI_API_KEY\":\"sk\"}").unwrap();
    let strange = Subscription::at(folder.path()).access().await.unwrap_err();
    assert!(matches!(strange, SubscriptionError::Strange { .. }), "{strange}");
}
