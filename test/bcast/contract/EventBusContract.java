package bcast.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.base.Clock;
import bcast.base.Context;
import bcast.eventbus.Event;
import bcast.eventbus.EventBus;
import bcast.eventbus.Source;
import bcast.eventbus.Subscription;
import bcast.testing.Await;
import bcast.testing.Contexts;
import bcast.testing.News;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every {@link EventBus} promises. */
public abstract class EventBusContract {

    private static final int PUBLISHERS = 4;
    private static final int EVENTS_EACH = 2_000;

    protected final Context context = Contexts.quiet(Clock.system());
    protected EventBus bus;
    private final List<Thread> threads = new ArrayList<>();

    /** A bus without subscribers. */
    protected abstract EventBus newBus(Context with) throws Exception;

    @BeforeEach
    final void makeBus() throws Exception {
        bus = newBus(context);
    }

    @AfterEach
    final void everyPublisherHasGoneOn() throws Exception {
        for (Thread thread : threads) {
            thread.join(5_000);
            assertFalse(thread.isAlive(), thread + " still waits");
        }
    }

    protected static Event.Accepted accepted(int n) {
        return new Event.Accepted(News.data("id" + n, "raw", n), Source.CLIENT);
    }

    protected final Subscription subscribe(int capacity, EventBus.WhenFull whenFull) {
        return bus.subscribe("test", Set.of(Event.Accepted.class), capacity, whenFull, () -> {});
    }

    private Thread start(Runnable task) {
        Thread thread = new Thread(task);
        threads.add(thread);
        thread.start();
        return thread;
    }

    /** A thread that publishes to a full queue, and waits. */
    private Thread publisherThatWaits(Event event) throws Exception {
        Thread publisher = start(() -> bus.publish(event));
        Await.until("the publisher waits", 5, () -> waits(publisher));
        return publisher;
    }

    private static boolean waits(Thread thread) {
        return thread.getState() == Thread.State.WAITING
                || thread.getState() == Thread.State.TIMED_WAITING;
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
    void bringsAnEventToEachOnceAndToNobodyLater() {
        Subscription one = subscribe(10, EventBus.WhenFull.DROP);
        Subscription other = subscribe(10, EventBus.WhenFull.WAIT);
        bus.publish(accepted(1));
        Subscription late = subscribe(10, EventBus.WhenFull.DROP);
        for (Subscription each : List.of(one, other)) {
            assertEquals(Optional.of(accepted(1)), each.poll());
            assertEquals(Optional.empty(), each.poll());
        }
        assertEquals(Optional.empty(), late.poll());
        assertEquals(0, late.missed());
    }

    /** Checks the order of each publisher; returns how many events arrived. */
    private int takeInOrder(Subscription subscription, EventBus.WhenFull whenFull)
            throws Exception {
        AtomicInteger running = new AtomicInteger(PUBLISHERS);
        for (int i = 0; i < PUBLISHERS; i++) {
            int publisher = i;
            start(() -> {
                for (int n = 0; n < EVENTS_EACH; n++) {
                    bus.publish(new Event.Accepted(News.data("id", "raw", n),
                            new Source("p" + publisher, publisher)));
                }
                running.decrementAndGet();
            });
        }
        long[] last = {-1, -1, -1, -1};
        int taken = 0;
        while (true) {
            boolean all = running.get() == 0;
            Optional<Event> event = subscription.poll();
            if (event.isEmpty() && all) {
                return taken;
            }
            if (event.isPresent() && event.get() instanceof Event.Accepted accepted) {
                int publisher = (int) accepted.from().ticket();
                long number = accepted.data().timestamp();
                assertTrue(number > last[publisher], number + " after " + last[publisher]);
                assertTrue(whenFull == EventBus.WhenFull.DROP || number == last[publisher] + 1,
                        number + " after " + last[publisher] + ": a gap");
                last[publisher] = number;
                taken++;
            }
        }
    }

    @Test
    void keepsTheOrderOfEachPublisherWithoutGapsWhereTheyWait() throws Exception {
        Subscription subscription = subscribe(3, EventBus.WhenFull.WAIT);
        assertEquals(PUBLISHERS * EVENTS_EACH,
                takeInOrder(subscription, EventBus.WhenFull.WAIT));
        assertEquals(0, subscription.missed());
    }

    @Test
    void keepsTheOrderOfEachPublisherAndCountsTheGapsWhereItDrops() throws Exception {
        Subscription subscription = subscribe(3, EventBus.WhenFull.DROP);
        int taken = takeInOrder(subscription, EventBus.WhenFull.DROP);
        assertEquals(PUBLISHERS * EVENTS_EACH, taken + subscription.missed());
    }

    @Test
    void dropsTheNewestPastTheCapacityForThatSubscriberAlone() {
        Subscription slow = subscribe(2, EventBus.WhenFull.DROP);
        Subscription other = subscribe(10, EventBus.WhenFull.DROP);
        bus.publish(accepted(0));
        bus.publish(accepted(1));
        assertEquals(0, slow.missed());
        bus.publish(accepted(2));
        assertEquals(1, slow.missed());
        assertEquals(0, slow.missed(), "counted once");
        assertEquals(Optional.of(accepted(0)), slow.poll());
        assertEquals(Optional.of(accepted(1)), slow.poll());
        assertEquals(Optional.empty(), slow.poll());
        assertEquals(0, other.missed());
        for (int i = 0; i <= 2; i++) {
            assertEquals(Optional.of(accepted(i)), other.poll());
        }
    }

    @Test
    void waitsForASubscriberThatWantsAll() throws Exception {
        Subscription slow = subscribe(1, EventBus.WhenFull.WAIT);
        bus.publish(accepted(1));
        publisherThatWaits(accepted(2));
        assertEquals(accepted(1), slow.take());
        assertEquals(accepted(2), slow.take());
        assertEquals(0, slow.missed());
    }

    @Test
    void anInterruptedPublisherWaitsOnAndStaysInterrupted() throws Exception {
        Subscription slow = subscribe(1, EventBus.WhenFull.WAIT);
        bus.publish(accepted(1));
        AtomicBoolean interrupted = new AtomicBoolean();
        Thread publisher = start(() -> {
            Thread.currentThread().interrupt();
            bus.publish(accepted(2));
            interrupted.set(Thread.currentThread().isInterrupted());
        });
        Await.until("it waits in spite of that", 5, () -> waits(publisher));
        assertEquals(accepted(1), slow.take());
        assertEquals(accepted(2), slow.take());
        publisher.join(5_000);
        assertTrue(interrupted.get());
        assertEquals(0, slow.missed());
    }

    @Test
    void closeFreesPublishersAndLeavesWhatWaits() throws Exception {
        Subscription slow = subscribe(1, EventBus.WhenFull.WAIT);
        Subscription other = subscribe(10, EventBus.WhenFull.DROP);
        bus.publish(accepted(1));
        Thread publisher = publisherThatWaits(accepted(2));
        slow.close();
        publisher.join(1_000);
        assertFalse(publisher.isAlive(), "not within 1 s");
        slow.close();
        bus.publish(accepted(3));
        assertEquals(Optional.of(accepted(1)), slow.poll());
        assertEquals(Optional.empty(), slow.poll());
        assertEquals(1, slow.missed(), "the one that waited");
        for (int i = 1; i <= 3; i++) {
            assertEquals(Optional.of(accepted(i)), other.poll());
        }
    }

    @Test
    void takeEndsByAnInterrupt() throws Exception {
        Subscription subscription = subscribe(1, EventBus.WhenFull.DROP);
        AtomicBoolean ended = new AtomicBoolean();
        Thread subscriber = start(() -> {
            try {
                subscription.take();
            } catch (InterruptedException e) {
                ended.set(true);
            }
        });
        Await.until("it waits", 5, () -> waits(subscriber));
        subscriber.interrupt();
        Await.until("it ends", 5, ended::get);
    }

    @Test
    void tellsTheSubscriberOnThePublishersThreadOfWhatCameAndWhatItMissed() {
        List<String> told = new CopyOnWriteArrayList<>();
        Subscription[] own = new Subscription[1];
        own[0] = bus.subscribe("test", Set.of(Event.Broadcast.class), 1, EventBus.WhenFull.DROP,
                () -> told.add(Thread.currentThread().getName() + " " + own[0].missed()));
        String here = Thread.currentThread().getName();
        bus.publish(new Event.Broadcast());
        bus.publish(accepted(1));
        assertEquals(List.of(here + " 0"), told);
        bus.publish(new Event.Broadcast());
        assertEquals(List.of(here + " 0", here + " 1"), told);
    }

    @Test
    void aQueueHoldsOneEventAtLeast() {
        assertThrows(IllegalArgumentException.class, () ->
                subscribe(0, EventBus.WhenFull.DROP));
        Subscription smallest = subscribe(1, EventBus.WhenFull.DROP);
        bus.publish(accepted(1));
        assertEquals(Optional.of(accepted(1)), smallest.poll());
    }
}
