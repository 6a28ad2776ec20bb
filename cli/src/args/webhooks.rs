//! Options of `webhooks`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use webhooks::Kind;

/// Commands about the receivers of webhooks.
#[derive(Debug, Subcommand)]
pub enum Webhooks {
    /// Add a receiver, and print its URL, its key and the steps in the sender.
    #[command(
        after_help = "Examples:\n  feedctl webhooks add github --feed '*' --stack feed-triggers\n  feedctl webhooks add distribution --feed Default/Images --webhooks webhooks.json --url https://hooks.example.com"
    )]
    Add(AddReceiver),
    /// List the receivers, without their keys.
    #[command(visible_alias = "ls")]
    List(ReceiverStore),
    /// Send a sample request of a receiver's kind to its URL, and print the answer.
    #[command(
        after_help = "Examples:\n  feedctl webhooks test github --stack feed-triggers\n  feedctl webhooks test ci --webhooks webhooks.json --url http://127.0.0.1:9464 --repository acme/web --tag 1.4.0"
    )]
    Test(TestReceiver),
    /// Add a new key to a receiver and print it; the previous key stays valid until --finish.
    Rotate(RotateReceiver),
    /// Remove a receiver; requests to its URL get 404.
    #[command(visible_alias = "rm")]
    Remove(NamedReceiver),
}

/// Where the receivers are: a file, or the secret of the stack that --stack names.
#[derive(Clone, Debug, Args)]
pub struct ReceiverStore {
    /// The JSON file with the receivers, as passed to `run`; a new one is created.
    #[arg(long = "webhooks", env = "FEEDCTL_WEBHOOKS", value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// The public address in front of `run --listen`, for the printed URL.
    #[arg(long, value_name = "URL")]
    pub url: Option<String>,
}

/// Options of `webhooks add`.
#[derive(Debug, Args)]
pub struct AddReceiver {
    /// The kind of sender, such as github, docker-hub, harbor or generic.
    pub kind: Kind,
    /// The name of the receiver [default: the kind].
    #[arg(long)]
    pub name: Option<String>,
    /// A feed that the sender may ask to check, as SPACE/FEED; repeat it for several. '*' alone allows all.
    #[arg(long = "feed", value_name = "SPACE/FEED", required = true)]
    pub feeds: Vec<String>,
    /// The proof of artifactory and cloudsmith: signature or header [default: signature].
    #[arg(long)]
    pub proof: Option<String>,
    /// The header that contains the key, for kinds with a key in a header [default: Authorization].
    #[arg(long)]
    pub header: Option<String>,
    /// The audience of Google's tokens, for pubsub [default: the receiver's URL].
    #[arg(long)]
    pub audience: Option<String>,
    /// The service account of Google's tokens, for pubsub.
    #[arg(long, value_name = "ACCOUNT", required_if_eq("kind", "pubsub"))]
    pub email: Option<String>,
    #[command(flatten)]
    pub store: ReceiverStore,
}

/// Options of `webhooks test`.
#[derive(Debug, Args)]
pub struct TestReceiver {
    #[command(flatten)]
    pub receiver: NamedReceiver,
    /// The repository of the sample; of a watched one, the receiver checks the packages.
    #[arg(long, default_value = "feed-triggers/sample", requires = "tag")]
    pub repository: String,
    /// The tag of the sample. One that the registry does not list is checked four times.
    #[arg(long, default_value = "1.0.0")]
    pub tag: String,
    /// The host of the registry, for receivers with --feed '*'.
    #[arg(long, value_name = "HOST", default_value = "registry.example.com")]
    pub registry: String,
}

/// Options of `webhooks rotate`.
#[derive(Debug, Args)]
pub struct RotateReceiver {
    #[command(flatten)]
    pub receiver: NamedReceiver,
    /// Remove the previous key, after the sender has the new one.
    #[arg(long)]
    pub finish: bool,
}

/// Selects a receiver.
#[derive(Debug, Args)]
pub struct NamedReceiver {
    /// The name of the receiver.
    pub name: String,
    #[command(flatten)]
    pub store: ReceiverStore,
}
