package bcast.eventbus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.base.Clock;
import bcast.base.Context;
import bcast.base.Counters;
import bcast.testing.Await;
import bcast.testing.Contexts;
import bcast.testing.News;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class QueueEventBusTest {

    private final Context context = Contexts.quiet(Clock.system());
    private final Counters counters = context.counters();
    private final EventBus bus = new QueueEventBus(context);

    private static Event.Accepted accepted(int n) {
        return new Event.Accepted(News.data("id" + n, "raw", n), Source.CLIENT);
    }

    private Subscription subscribe(int capacity, EventBus.WhenFull whenFull) {
        return bus.subscribe("test", Set.of(Event.Accepted.class), capacity, whenFull, () -> {});
    }

    @Test
    void bringsOnlyTheKindsWantedInOrder() throws Exception {
        Subscription subscription = subscribe(10, EventBus.WhenFull.DROP);
        bus.publish(new Event.Broadcast());
        bus.publish(accepted(1));
        bus.publish(accepted(2));
        assertEquals(accepted(1), subscription.take());
        assertEquals(Optional.of(accepted(2)), subscription.poll());
        assertEquals(Optional.empty(), subscription.poll());
    }

    @Test
    void dropsAndCountsPastTheCapacity() {
        Subscription slow = subscribe(2, EventBus.WhenFull.DROP);
        Subscription other = subscribe(10, EventBus.WhenFull.DROP);
        for (int i = 0; i < 2; i++) {
            bus.publish(accepted(i));
        }
        assertEquals(0, slow.missed());
        bus.publish(accepted(2));
        assertEquals(1, slow.missed());
        assertEquals(0, slow.missed());
        assertEquals(1, counters.get(QueueEventBus.DROPPED));
        assertEquals(Optional.of(accepted(0)), slow.poll());
        assertEquals(0, other.missed());
    }

    @Test
    void waitsForASubscriberThatWantsAll() throws Exception {
        Subscription slow = subscribe(1, EventBus.WhenFull.WAIT);
        bus.publish(accepted(1));
        Thread publisher = new Thread(() -> bus.publish(accepted(2)));
        publisher.start();
        Await.until("the publisher waits", 5,
                () -> publisher.getState() == Thread.State.TIMED_WAITING);
        assertEquals(accepted(1), slow.take());
        assertEquals(accepted(2), slow.take());
        publisher.join(5_000);
        assertFalse(publisher.isAlive());
        assertEquals(0, slow.missed());
    }

    @Test
    void aClosedSubscriptionFreesItsPublisher() throws Exception {
        Subscription slow = subscribe(1, EventBus.WhenFull.WAIT);
        bus.publish(accepted(1));
        Thread publisher = new Thread(() -> bus.publish(accepted(2)));
        publisher.start();
        Await.until("the publisher waits", 5,
                () -> publisher.getState() == Thread.State.TIMED_WAITING);
        slow.close();
        publisher.join(5_000);
        assertFalse(publisher.isAlive());
        bus.publish(accepted(3));
        assertEquals(Optional.of(accepted(1)), slow.poll());
        assertEquals(Optional.empty(), slow.poll());
    }

    @Test
    void tellsTheSubscriberOnThePublishersThread() {
        AtomicInteger told = new AtomicInteger();
        bus.subscribe("test", Set.of(Event.Broadcast.class), 1, EventBus.WhenFull.DROP,
                told::incrementAndGet);
        bus.publish(new Event.Broadcast());
        bus.publish(accepted(1));
        assertEquals(1, told.get());
        bus.publish(new Event.Broadcast());
        assertTrue(told.get() >= 2, "told of a dropped event as well");
    }
}
