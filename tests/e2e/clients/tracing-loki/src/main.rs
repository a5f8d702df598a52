// Logs lines through tracing and tracing-loki: <url> <count>.

use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let url = arguments[1].parse().expect("a URL");
    let count: u32 = arguments[2].parse().expect("a number");
    let (layer, controller, task) = tracing_loki::builder()
        .label("client", "tracing")
        .expect("a label")
        .build_controller_url(url)
        .expect("a layer");
    let task = tokio::spawn(task);
    tracing_subscriber::registry().with(layer).init();
    for number in 0..count {
        tracing::warn!(number, "line {number}");
    }
    controller.shutdown().await;
    task.await.expect("everything sent");
}
