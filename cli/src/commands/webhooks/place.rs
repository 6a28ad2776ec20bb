//! Where receivers are stored: a file of mode 600, or a stack's secret.

use std::fs;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;
use aws::{DynamoTable, Secrets};
use secrecy::{ExposeSecret, SecretString};
use webhooks::{Configuration, Receivers};

use crate::args::{ReceiverStore, Server};
use crate::deployed::Deployed;
use crate::exit::UsageError;

/// The address of a URL when it is not known.
const UNKNOWN_ADDRESS: &str = "https://HOST";

/// The place of the receivers.
pub(super) enum ReceiverPlace {
    File {
        path: PathBuf,
        address: String,
    },
    Secret {
        secrets: Secrets,
        arn: String,
        address: String,
        table: DynamoTable,
    },
}

impl ReceiverPlace {
    /// The file or the stack that the options name.
    ///
    /// # Errors
    /// When they name neither or both, or the stack receives no webhooks.
    pub(super) async fn of(server: &Server, options: &ReceiverStore) -> anyhow::Result<Self> {
        match (server.stack_name(), &options.file) {
            (Some(name), None) => {
                let (profile, region) = (server.profile.as_deref(), server.region.as_deref());
                let deployed = Deployed::find(name, profile, region).await?;
                let (arn, address) = deployed.webhooks().with_context(|| {
                    format!(
                        "the stack {name} receives no webhooks; create a secret with the text \
                         {{\"receivers\": {{}}}} and deploy with its ARN as WebhookSecretArn"
                    )
                })?;
                Ok(Self::Secret {
                    secrets: deployed.secrets(),
                    arn: arn.to_owned(),
                    address: options.url.as_deref().unwrap_or(address).to_owned(),
                    table: deployed.table(),
                })
            }
            (None, Some(path)) => Ok(Self::File {
                path: path.clone(),
                address: options.url.as_deref().unwrap_or(UNKNOWN_ADDRESS).to_owned(),
            }),
            (Some(_), Some(_)) => {
                let error = "cannot use --webhooks together with --stack: a stack has its receivers in a secret; omit one of them";
                Err(UsageError(error.to_owned()).into())
            }
            (None, None) => {
                let error =
                    "no receivers are named; use --webhooks FILE for one machine, or --stack";
                Err(UsageError(error.to_owned()).into())
            }
        }
    }

    /// The name in messages.
    pub(super) fn name(&self) -> String {
        match self {
            Self::File { path, .. } => format!("the webhooks file {}", path.display()),
            Self::Secret { arn, .. } => format!("the secret {arn}"),
        }
    }

    /// The part of the receivers' URLs before their path, without a slash at the end.
    pub(super) fn address(&self) -> &str {
        let (Self::File { address, .. } | Self::Secret { address, .. }) = self;
        address.trim_end_matches('/')
    }

    /// Whether the address is known.
    pub(super) fn has_address(&self) -> bool {
        self.address() != UNKNOWN_ADDRESS
    }

    /// The table of a stack.
    pub(super) fn table(&self) -> Option<DynamoTable> {
        match self {
            Self::File { .. } => None,
            Self::Secret { table, .. } => Some(table.clone()),
        }
    }

    /// The receivers; `None` if the file does not exist.
    ///
    /// # Errors
    /// When they cannot be read or used.
    pub(super) async fn read(&self) -> anyhow::Result<Option<Configuration>> {
        let named = || format!("cannot use {}", self.name());
        let text = match self {
            Self::File { path, .. } => match fs::read_to_string(path) {
                Ok(text) => SecretString::from(text),
                Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
                Err(error) => return Err(error).with_context(named),
            },
            Self::Secret { secrets, arn, .. } => secrets.get(arn, true).await?,
        };
        let configuration = Configuration::parse(text.expose_secret()).with_context(named)?;
        Ok(Some(configuration))
    }

    /// Replaces the receivers, after checking that all of them are usable.
    ///
    /// # Errors
    /// When one is not usable, or they cannot be stored.
    pub(super) async fn write(&self, configuration: &Configuration) -> anyhow::Result<()> {
        let text = configuration.text()?;
        Receivers::parse(text.expose_secret())?;
        match self {
            Self::File { path, .. } => replace(path, text.expose_secret())
                .with_context(|| format!("cannot write {}", self.name())),
            Self::Secret { secrets, arn, .. } => Ok(secrets.put(arn, &text).await?),
        }
    }
}

/// Writes a file that only its owner can read, and puts it in the place of the previous one.
fn replace(path: &Path, text: &str) -> std::io::Result<()> {
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(".new");
    match fs::remove_file(&temporary) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&temporary)?;
    writeln!(file, "{text}")?;
    file.sync_all()?;
    fs::rename(&temporary, path)
}
