//! The settings of the last deployment.

use domain::deployed_settings::DeployedSettings;
use engine::ports::{Clock, SettingsRecord, StoreError};
use wire::rows::deployed_settings;

use crate::keys;
use crate::rows::{BoxError, Store, read_error, write_error};
use crate::table::Table;

const SUBJECT: &str = "the settings of the last deployment";

impl<T: Table, C: Clock> SettingsRecord for Store<T, C> {
    async fn deployed_settings(&self) -> Result<Option<DeployedSettings>, StoreError> {
        let row = self
            .row(&keys::deployed_settings())
            .await
            .map_err(read_error(SUBJECT))?;
        row.map(|row| deployed_settings::decode(&row.body))
            .transpose()
            .map_err(read_error(SUBJECT))
    }

    async fn record_settings(&self, settings: &DeployedSettings) -> Result<(), StoreError> {
        let write = async {
            let body = deployed_settings::encode(settings)?;
            self.replace(keys::deployed_settings(), body, None).await?;
            Ok::<_, BoxError>(())
        };
        write.await.map_err(write_error(SUBJECT))
    }
}
