package bcast.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.base.Context;
import bcast.base.Counters;
import bcast.base.Log;
import bcast.data.Data;
import bcast.eventbus.Event;
import bcast.eventbus.EventBus;
import bcast.eventbus.QueueEventBus;
import bcast.eventbus.Refusal;
import bcast.eventbus.Source;
import bcast.eventbus.Subscription;
import bcast.storage.Durability;
import bcast.storage.MapStorage;
import bcast.testing.Await;
import bcast.testing.Contexts;
import bcast.testing.Measured;
import bcast.testing.News;
import bcast.testing.Stores;
import bcast.testing.TestClock;
import bcast.validator.DigestValidator;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class CoreTest {

    private static final long RETENTION_MS = 86_400_000;
    private static final long SKEW_MS = 300_000;
    private static final long NOW = 1_700_000_000_000L;
    private static final Source PEER = new Source("peer", 7);

    private final TestClock clock = TestClock.standing(NOW);
    private final List<String> lines = new ArrayList<>();
    private final Context context = Contexts.logging(clock, Log.Level.INFO, lines::add);
    private final Counters counters = context.counters();
    private final EventBus bus = new QueueEventBus(context);
    private final MapStorage storage = Stores.map(RETENTION_MS, SKEW_MS, 16 << 20, context);
    private final Core core = new Core(DigestValidator.md5(), storage, Durability.NONE, false, bus,
            new Core.Timing(SKEW_MS, 50), context);
    private final Subscription events = core.events("test");

    @AfterEach
    void close() {
        core.close();
    }

    private Event event() {
        return events.poll().orElseThrow();
    }

    private void assertExists(Data data, Source from) {
        assertInstanceOf(Outcome.Exists.class, core.deliver(data, from));
        assertAnnounced(Refusal.EXISTS, from);
    }

    private void assertRefused(Refusal why, Data data, Source from) {
        assertEquals(why,
                assertInstanceOf(Outcome.Refused.class, core.deliver(data, from)).why());
        assertAnnounced(why, from);
    }

    /** A refused record of a client must not wait in a queue, which is not limited in bytes. */
    private void assertAnnounced(Refusal why, Source from) {
        if (from.isPeer()) {
            assertEquals(why, assertInstanceOf(Event.Refused.class, event()).why());
        }
        assertEquals(Optional.empty(), events.poll());
    }

    @Test
    void datesStoresAndAnnouncesAClientsRecord() {
        Data posted = News.data("id", "raw", 0);
        Data dated = posted.withTimestamp(NOW);
        assertEquals(new Outcome.Accepted(dated), core.deliver(posted, Source.CLIENT));
        assertEquals(new Event.Accepted(dated, Source.CLIENT), event());
        assertEquals(List.of(dated), core.listAllRecentData());
        assertEquals(Optional.of(dated), storage.get("id"));
        assertEquals(1, counters.get(Core.ACCEPTED_CLIENT));
    }

    @Test
    void refusesAClientsSecondRecordOfAnId() {
        core.deliver(News.data("id", "raw", 0), Source.CLIENT);
        event();
        clock.advance(5);
        assertExists(News.data("id", "raw", 0), Source.CLIENT);
        assertRefused(Refusal.CONFLICT, News.data("id", "other", 0), Source.CLIENT);
        assertEquals(1, Measured.of(counters,
                "bcast_records_refused_total{from=\"client\",reason=\"exists\"}"));
        assertEquals(1, Measured.of(counters,
                "bcast_records_refused_total{from=\"client\",reason=\"conflict\"}"));
    }

    @Test
    void theSameSignatureInUpperCaseIsTheSameRecord() {
        core.deliver(News.data("id", "raw", 0), Source.CLIENT);
        event();
        Data upper = Data.of("id", "raw", News.md5("raw").toUpperCase(java.util.Locale.ROOT), 0);
        assertExists(upper, Source.CLIENT);
    }

    @Test
    void aClientNeverReplacesARecordOfThePeers() {
        core.deliver(News.data("id", "theirs", NOW + 60_000), PEER);
        event();
        assertRefused(Refusal.CONFLICT, News.data("id", "mine", 0), Source.CLIENT);
    }

    @Test
    void refusesWhatIsNotGenuine() {
        Data fake = Data.of("id", "raw", News.md5("other"), NOW);
        assertRefused(Refusal.INVALID, fake, Source.CLIENT);
        assertRefused(Refusal.INVALID, fake, PEER);
        assertEquals(0, storage.size());
    }

    @Test
    void judgesPeersRecordsByTheirTime() {
        assertRefused(Refusal.EXPIRED, News.data("a", "r", NOW - RETENTION_MS), PEER);
        assertRefused(Refusal.FUTURE, News.data("b", "r", NOW + SKEW_MS + 1), PEER);
        assertInstanceOf(Outcome.Accepted.class,
                core.deliver(News.data("c", "r", NOW - RETENTION_MS + 1), PEER));
        event();
        assertInstanceOf(Outcome.Accepted.class,
                core.deliver(News.data("d", "r", NOW + SKEW_MS), PEER));
        assertEquals(1, Measured.of(counters,
                "bcast_records_refused_total{from=\"peer\",reason=\"expired\"}"));
        assertEquals(1, Measured.of(counters,
                "bcast_records_refused_total{from=\"peer\",reason=\"future\"}"));
    }

    @Test
    void aLoserIsReplacedCountedLoggedAndAnnounced() {
        Data loser = News.data("id", "b", NOW);
        Data winner = News.data("id", "a", NOW - 10);
        core.deliver(loser, Source.CLIENT);
        event();
        assertInstanceOf(Outcome.Accepted.class, core.deliver(winner, PEER));
        assertEquals(new Event.Replaced(winner, loser, PEER), event());
        assertEquals(new Event.Accepted(winner, PEER), event());
        assertEquals(1, counters.get(Judge.REPLACED));
        assertTrue(lines.toString().contains("conflict on id"), lines::toString);
        assertRefused(Refusal.LOST, loser, PEER);
        assertExists(winner, PEER);
    }

    @Test
    void judgesWhatTheBusBringsAndBroadcastsEachInterval() throws Exception {
        Subscription broadcasts = bus.subscribe("broadcasts", Set.of(Event.Broadcast.class), 10,
                EventBus.WhenFull.DROP, () -> { });
        core.start();
        bus.publish(new Event.Received(News.data("id", "raw", NOW), PEER));
        assertEquals(new Event.Accepted(News.data("id", "raw", NOW), PEER), events.take());
        assertEquals(new Event.Broadcast(), broadcasts.take());
        assertEquals(new Event.Broadcast(), broadcasts.take());
    }

    @Test
    void knowsAtItsStartWhatCameBefore() {
        bus.publish(new Event.Health("sync", Optional.of("looking for peers")));
        core.start();
        assertEquals(List.of("looking for peers"), core.problems());
    }

    @Test
    void isReadyWhenNoPartHasAProblem() throws Exception {
        core.start();
        assertEquals(List.of(), core.problems());
        bus.publish(new Event.Health("clock", Optional.of("the clock is off")));
        Await.until("the problem is known", 5,
                () -> core.problems().equals(List.of("the clock is off")));
        assertRefused(Refusal.BUSY, News.data("id", "raw", 0), Source.CLIENT);
        bus.publish(new Event.Health("clock", Optional.empty()));
        Await.until("the problem is gone", 5, () -> core.problems().isEmpty());
        assertInstanceOf(Outcome.Accepted.class,
                core.deliver(News.data("id", "raw", 0), Source.CLIENT));
    }

    @Test
    void aNoteDoesNotMakeANodeUnready() {
        bus.publish(new Event.Note("clocks", Optional.of("look at the clock")));
        core.judgeWaiting();
        assertEquals(List.of("look at the clock"), core.notes());
        assertEquals(List.of(), core.problems());
        assertInstanceOf(Outcome.Accepted.class,
                core.deliver(News.data("id", "raw", 0), Source.CLIENT));
        bus.publish(new Event.Note("clocks", Optional.of("look at it again")));
        core.judgeWaiting();
        assertEquals(List.of("look at it again"), core.notes(), "one note of each part");
        bus.publish(new Event.Note("clocks", Optional.empty()));
        core.judgeWaiting();
        assertEquals(List.of(), core.notes());
    }

    @Test
    void aFullStoreRefusesAndIsNotReady() {
        String raw = "x".repeat(1 << 18);
        int i = 0;
        Outcome outcome = core.deliver(News.data("id" + i++, raw, 0), Source.CLIENT);
        while (outcome instanceof Outcome.Accepted) {
            outcome = core.deliver(News.data("id" + i++, raw, 0), Source.CLIENT);
        }
        assertEquals(Refusal.FULL, ((Outcome.Refused) outcome).why());
        assertEquals(56, storage.size(), "90 % of 16 MiB");
        for (i = 57; i <= 63; i++) {
            core.deliver(News.data("peers" + i, raw, NOW), PEER);
            assertEquals(i, storage.size(), "peers' records are taken up to 100 %");
        }
        assertRefusedFull(core.deliver(News.data("last", raw, NOW), PEER));
    }

    private static void assertRefusedFull(Outcome outcome) {
        assertEquals(Refusal.FULL, assertInstanceOf(Outcome.Refused.class, outcome).why());
    }

    @Test
    void aNodeThatHadNoRoomForALargeRecordIsNotReady() {
        String large = "x".repeat(Data.MAX_RAW_BYTES);
        core.deliver(News.data("small", "raw", NOW), PEER);
        int taken = 0;
        while (core.deliver(News.data("id" + taken, large, NOW), PEER)
                instanceof Outcome.Accepted) {
            assertEquals(List.of(), core.problems());
            taken++;
        }
        assertEquals(7, taken, "each takes two regions of the heap, and less than that is left");
        assertEquals(List.of("the store has no room for a large record of a peer"),
                core.problems());
    }
}
