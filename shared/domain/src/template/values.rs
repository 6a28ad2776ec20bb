//! Values of templates that are not plain texts.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use minijinja::Value;
use minijinja::value::{Enumerator, Object, ObjectExt as _};

use crate::metadata::VersionMetadata;

/// Whether a template looked up a value that is not known yet.
#[derive(Clone, Debug, Default)]
pub struct Lookups(Arc<AtomicBool>);

impl Lookups {
    pub fn any(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    pub(crate) fn note(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// A map with values that are not known yet. They are `none`, and looking one up is recorded.
#[derive(Debug)]
pub(super) struct Partial {
    pub(super) known: BTreeMap<&'static str, Value>,
    pub(super) pending: Vec<(&'static str, Lookups)>,
}

impl Object for Partial {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let name = key.as_str()?;
        if let Some((_, lookups)) = self.pending.iter().find(|(pending, _)| *pending == name) {
            lookups.note();
            return Some(Value::from(()));
        }
        self.known.get(name).cloned()
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        self.mapped_enumerator(|this| {
            let pending = this.pending.iter().map(|(name, _)| *name);
            Box::new(this.known.keys().copied().chain(pending).map(Value::from))
        })
    }
}

/// The labels of a version. A label that it does not have is `none`.
#[derive(Debug)]
pub(crate) struct Labels(pub(crate) VersionMetadata);

impl Object for Labels {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let label = self.0.label(key.as_str()?);
        Some(label.map_or(Value::from(()), Value::from))
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        self.mapped_enumerator(|this| {
            let names = this.0.labels().keys();
            Box::new(names.map(|name| Value::from(name.as_str())))
        })
    }
}
