//! A clock that was ahead for a while: the times that it stored count as past after its correction.

use domain::ledger::{Entry, Owner};
use domain::time::Span;
use engine::ports::{Clock, Ledger};
use flow::{LEASE, SHOP, World};
use octopus_server::FaultKind as OctopusFault;
use registry_server::{Fault, FaultKind};

#[tokio::test]
async fn clock_that_was_ahead_delays_nothing_after_its_correction() {
    for ahead in [
        Span::from_hours(2),
        Span::from_days(2),
        Span::from_days(300),
    ] {
        let mut world = World::start().await;
        world.clock.advance(ahead);
        // Pauses of a feed and of triggers, a channel lock, a scheduler run, a watch list, and a version.
        let down = FaultKind::Status(500, Vec::new(), "{}".to_owned());
        world.charts.fault(Fault::always(down));
        let down = octopus_server::Fault::always("/releases", OctopusFault::Unavailable);
        world.octopus.faults().push(down);
        world.push("acme/web", "1.0.1");
        world.minutes(8).await;
        let until = world.clock.now() + LEASE;
        let claimed = Entry::Claimed {
            owner: Owner("another invocation".to_owned()),
            until,
            unsettled: None,
            plan: None,
            number: None,
        };
        let channel_lock = world.channel_lock(SHOP).await;
        let store = world.program.store();
        let kept = until + Span::from_days(90);
        store
            .put(&channel_lock, &claimed, None, kept)
            .await
            .unwrap();

        world.clock.set_back(ahead);
        world.restart();
        world.charts.clear_faults();
        world.octopus.faults().clear();
        world.push("acme/web", "1.1.0");
        world.minutes(2).await;
        let expected = "0.0.2: web 1.1.0, cart 1.0.0, chart 1.0.0";
        assert_eq!(world.releases("Shop"), [expected], "{ahead}");

        world.charts.publish("shop", "1.1.0");
        world.minutes(2).await;
        let expected = "0.0.3: web 1.1.0, cart 1.0.0, chart 1.1.0";
        assert_eq!(world.releases("Shop").first().unwrap(), expected, "{ahead}");
        world.until_quiet().await.unwrap();
        assert_eq!(world.pauses().await, [], "{ahead}");
    }
}
