//! The programs of a session that are more than themselves: what each adds is what this machine requires of
//! whoever types the guide's commands on it.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// `feedctl` as people have it, the one that the page installed once it did so; but that the guide's registry
/// is on loopback, and a port may be taken.
const FEEDCTL: &str = r#"#!/bin/sh
[ "$1" = console ] && set -- "$@" --port 0
installed=$(dirname "$0")/../installed/bin/feedctl
[ -e "$installed" ] && FEEDCTL=$installed
exec "$FEEDCTL" "$@" --allow-network 127.0.0.0/8
"#;

/// Cargo, in the folder of the sources. What it installs belongs to the session, comes from crates that are
/// here already, and is not optimised, so that what the tests have compiled with the same features is not
/// compiled again.
const CARGO: &str = r#"#!/bin/sh
if [ "$1" = install ]; then
  target=$(cd "$(dirname "$FEEDCTL")/.." && pwd)
  set -- "$@" --offline --debug --target-dir "$target" --root "$(dirname "$0")/../installed"
  cd "$SOURCES"
fi
exec "$CARGO" "$@"
"#;

/// The AWS CLI. Its first version, which the tests have, reads a payload as the second does with this
/// option, and does not know the option.
const AWS: &str = r#"#!/bin/bash
arguments=()
while [ $# -gt 0 ]; do
  if [ "$1" = --cli-binary-format ]; then shift 2; else arguments+=("$1"); shift; fi
done
exec "$AWS_PROGRAM" "${arguments[@]}"
"#;

/// SAM, and whoever answers its questions. The emulator runs functions on this machine's processor, so these
/// are built for x86_64, as the guide says for machines that cannot build for arm64; feeds are on loopback.
/// Every other parameter is left as it is offered, and so is all that SAM asks after them, until it shows
/// the changes. Without `--guided` it only asks whether it may.
///
/// The dashboard's template lies in the emulator's S3. `sam delete` takes only S3's own address for that, and
/// the emulator takes that address for its own; so the template is called so here, as it is on AWS.
const SAM: &str = r#"#!/bin/bash
programs=$(dirname "$SAM_PROGRAM")
export PATH=$programs:$PATH # There is Cargo Lambda.
export SAM_CLI_POLL_DELAY=0.2 # The emulator is quicker than AWS.
parameters() { sed -n '/^Parameters:/,/^Conditions:/ s/^  \(\w*\):$/\1/p' template.yaml; }
answers() {
  printf '\n\n' # The names of stack and region.
  for parameter in $(parameters); do
    case $parameter in
      OctopusUrl) echo "$OCTOPUS_URL" ;;
      OctopusSecretArn)
        aws secretsmanager describe-secret --secret-id feed-triggers/octopus --query ARN --output text ;;
      AllowedNetworks) echo 127.0.0.0/8 ;;
      Architecture) echo x86_64 ;;
      *) echo ;;
    esac
  done
  printf '\n\n\n\n\n\n' # Whether to confirm, to make roles, to roll back, to save this, and where.
  yes
}
[ "$*" = build ] && set -- build --parameter-overrides Architecture=x86_64
case "$*" in *--guided*) answers ;; *) yes ;; esac | "$programs/python" -c '
from samcli.lib.package.s3_uploader import S3Uploader
S3Uploader.to_path_style_s3_url = lambda self, key, version=None: (
    f"https://s3.us-east-1.amazonaws.com/{self.bucket_name}/{key}")
from samcli.cli.main import cli
cli(prog_name="sam")' "$@"
"#;

/// Puts them into a folder.
pub(crate) fn write(folder: &Path) -> anyhow::Result<()> {
    let programs = [
        ("feedctl", FEEDCTL),
        ("cargo", CARGO),
        ("aws", AWS),
        ("sam", SAM),
    ];
    for (name, script) in programs {
        let path = folder.join(name);
        std::fs::write(&path, script)?;
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755))?;
    }
    Ok(())
}
