//! The AWS account of an ECR feed. Octopus has no field for it; the role or access key contains it.

/// The account in a role's ARN, such as `arn:aws:iam::123456789012:role/octopus`.
pub(crate) fn of_role(arn: &str) -> Option<String> {
    let account = arn.strip_prefix("arn:")?.split(':').nth(3)?;
    (account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| account.to_owned())
}

/// The account in an access key id, such as `AKIA...`.
///
/// The sixteen characters after the prefix are base32. The top bit of the first 48 bits marks an encoded account
/// (ids from before 2019 have none); the next 40 bits are the account.
pub(crate) fn of_access_key(id: &str) -> Option<String> {
    const ENCODED_LENGTH: usize = 16;
    const HAS_ACCOUNT: u64 = 1 << 47;
    const ACCOUNT: u64 = 0x7fff_ffff_ff80;

    let encoded = id
        .trim()
        .strip_prefix("AKIA")
        .or_else(|| id.trim().strip_prefix("ASIA"))?;
    if encoded.len() != ENCODED_LENGTH {
        return None;
    }
    let bits = encoded
        .bytes()
        .take(10)
        .try_fold(0, |bits, letter| Some(bits << 5 | digit(letter)?))?;
    let first_48 = bits >> 2;
    let account = (first_48 & ACCOUNT) >> 7;
    (first_48 & HAS_ACCOUNT != 0 && account < 1_000_000_000_000).then(|| format!("{account:012}"))
}

fn digit(letter: u8) -> Option<u64> {
    match letter {
        b'A'..=b'Z' => Some(u64::from(letter - b'A')),
        b'2'..=b'7' => Some(u64::from(letter - b'2') + 26),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_role_reads_the_account() {
        let of = |arn| of_role(arn);
        assert_eq!(
            of("arn:aws:iam::123456789012:role/x").as_deref(),
            Some("123456789012")
        );
        assert_eq!(
            of("arn:aws-cn:iam::000000000001:role/a:b").as_deref(),
            Some("000000000001")
        );
        assert_eq!(of("#{Role}"), None);
        assert_eq!(of("arn:aws:iam::aws:policy/x"), None);
    }

    /// Computed independently: base32 of the bytes of `1 << 47 | account << 7`, followed by four more bytes.
    #[test]
    fn of_access_key_decodes_the_account() {
        for (id, account) in [
            ("AKIARZPUZDIKFIAQF7TX", Some("123456789012")),
            ("AKIAQAAAAAAVFIAQF7TX", Some("000000000042")),
            ("AKIA6RVFFB77VIAQF7TX", Some("999999999999")),
            ("AKIABZPUZDIKFIAQF7TX", None), // no account is encoded
            ("AKIAIOSFODNN7EXAMPLE", None),
            ("AKIA1234567890123456", None),
            ("AKIA", None),
            ("AKIAÄÖÜÄÖÜÄÖ", None),
            ("#{AccessKey}", None),
        ] {
            assert_eq!(of_access_key(id).as_deref(), account, "{id}");
        }
    }
}
