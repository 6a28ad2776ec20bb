//! Evaluations as `feedctl tail` shows them.

use domain::ids::TriggerId;
use flow::{SHOP, World};
use operator::follow::Follow;

#[tokio::test]
async fn follower_sees_each_evaluation_once() {
    let mut world = World::start().await;
    let before = world.evaluations(SHOP).await.len();
    let mut follow = Follow::from_now(world.program.store()).await.unwrap();
    let mut seen = Vec::new();
    for version in ["1.1.0", "1.2.0", "1.3.0"] {
        world.push("acme/web", version);
        world.minutes(2).await;
        seen.extend(follow.next(world.program.store()).await.unwrap());
    }
    seen.retain(|one| one.trigger == TriggerId::new(SHOP));
    let mut all = world.evaluations(SHOP).await;
    all.truncate(all.len() - before);
    all.reverse();
    assert!(seen.len() >= 3);
    assert_eq!(seen, all);
    let nothing = follow.next(world.program.store()).await.unwrap();
    assert_eq!(nothing, []);
}
