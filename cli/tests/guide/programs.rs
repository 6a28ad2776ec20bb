//! Wrapper scripts for the programs of a session, which adapt the guide's commands to the test machine.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// `feedctl`: the one that the page installed, or else the tested one. The registry is on loopback, and the
/// console selects a free port.
const FEEDCTL: &str = r#"#!/bin/sh
[ "$1" = console ] && set -- "$@" --port 0
installed=$(dirname "$0")/../installed/bin/feedctl
[ -e "$installed" ] && FEEDCTL=$installed
exec "$FEEDCTL" "$@" --allow-network 127.0.0.0/8
"#;

/// Cargo, in the folder of the sources. It installs into the session's folder, offline and without
/// optimization, to reuse what the tests have compiled with the same features.
const CARGO: &str = r#"#!/bin/sh
if [ "$1" = install ]; then
  target=$(cd "$(dirname "$FEEDCTL")/.." && pwd)
  set -- "$@" --offline --debug --target-dir "$target" --root "$(dirname "$0")/../installed"
  cd "$SOURCES"
fi
exec "$CARGO" "$@"
"#;

/// The AWS CLI. The tests have version 1, which reads a payload as version 2 does with this option, and does not
/// support the option.
const AWS: &str = r#"#!/bin/bash
arguments=()
while [ $# -gt 0 ]; do
  if [ "$1" = --cli-binary-format ]; then shift 2; else arguments+=("$1"); shift; fi
done
exec "$AWS_PROGRAM" "${arguments[@]}"
"#;

/// SAM with answers to its prompts. The emulator runs functions on this machine's processor, so they are built
/// for x86_64, as the guide describes for machines that cannot build for arm64; feeds are on loopback. All other
/// parameters and prompts keep their defaults. Without `--guided` SAM only asks for confirmation.
///
/// The dashboard's template is in the emulator's S3. `sam delete` accepts only S3's own URL for it, which the
/// emulator also serves, so the template gets that URL, as on AWS.
const SAM: &str = r#"#!/bin/bash
programs=$(dirname "$SAM_PROGRAM")
export PATH=$programs:$PATH # Contains Cargo Lambda.
export SAM_CLI_POLL_DELAY=0.2 # The emulator is faster than AWS.
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
      # A repeated deployment changes a parameter; without a change SAM reports an error.
      PushAccounts) grep -qs secret:feed-triggers samconfig.toml && echo 222222222222 || echo ;;
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

/// Writes the scripts into a folder.
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
