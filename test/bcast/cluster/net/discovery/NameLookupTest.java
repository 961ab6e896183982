package bcast.cluster.net.discovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.base.Clock;
import bcast.base.Log;
import bcast.cluster.gossip.link.Address;
import bcast.testing.Await;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Lookups with name servers of which some are silent. */
final class NameLookupTest {

    private static final int THREADS = 3;
    private static final int NAMES = 5;

    private final CountDownLatch silence = new CountDownLatch(1);
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final Set<String> waiting = ConcurrentHashMap.newKeySet();
    private final List<String> answered = new CopyOnWriteArrayList<>();
    private final List<String> log = new ArrayList<>();
    private final List<List<Address>> found = new CopyOnWriteArrayList<>();
    private final NameLookup lookup = new NameLookup("test-lookup", THREADS, NAMES, this::resolve,
            tasks::add, (thread, e) -> answered.add(thread + " failed: " + e));

    /** Names that begin with "silent" are answered at the end, those with "no" do not exist. */
    private InetAddress[] resolve(String name) throws UnknownHostException {
        if (name.startsWith("silent")) {
            waiting.add(name);
            try {
                silence.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        if (name.startsWith("no")) {
            throw new UnknownHostException(name);
        }
        return new InetAddress[] {InetAddress.getByName("10.0.0.1"),
            InetAddress.getByName("fd00::1")};
    }

    /** Runs what is left for the owner of the lookup. Returns whether a condition is met then. */
    private boolean met(BooleanSupplier condition) {
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run();
        }
        return condition.getAsBoolean();
    }

    private boolean ask(String name) {
        return lookup.ask(name, addresses -> answered.add(name + addresses.size()));
    }

    private void awaitAnswered(String... names) throws Exception {
        Await.until(() -> List.of(names) + " are answered: " + answered, 5,
                () -> met(() -> Set.copyOf(answered).equals(Set.of(names))));
    }

    @AfterEach
    void end() {
        silence.countDown();
        lookup.stop();
    }

    @Test
    void namesAreAnsweredWhileAllThreadsButOneWait() throws Exception {
        for (int i = 1; i < THREADS; i++) {
            assertTrue(ask("silent" + i));
        }
        assertTrue(ask("a"));
        assertTrue(ask("no"));
        awaitAnswered("a2", "no0");
    }

    @Test
    void namesWaitWhileAllThreadsWait() throws Exception {
        for (int i = 1; i <= THREADS; i++) {
            assertTrue(ask("silent" + i));
        }
        Await.until("all threads wait", 5, () -> waiting.size() == THREADS);
        assertTrue(ask("a"));
        assertEquals(List.of(), answered);
        silence.countDown();
        awaitAnswered("silent12", "silent22", "silent32", "a2");
    }

    @Test
    void aNameIsLookedUpOnceAtATimeAndNamesAreLimited() throws Exception {
        for (int i = 1; i <= NAMES; i++) {
            assertTrue(ask("silent" + i));
        }
        assertFalse(ask("silent1"), "being looked up");
        assertFalse(ask("a"), "one more than the limit");
        silence.countDown();
        awaitAnswered("silent12", "silent22", "silent32", "silent42", "silent52");
        assertTrue(ask("a"));
    }

    @Test
    void literalsAreFoundAtOnceAndEachNameWhenItsLookupEnds() throws Exception {
        NamedPeers named = new NamedPeers(List.of(new Address("silent", 1), new Address("no", 2),
                new Address("10.0.0.9", 3), new Address("a", 4), new Address("a", 5)),
                lookup, new Log(Log.Level.INFO, Clock.system(), log::add),
                found::add);
        named.lookUp();
        Address literal = new Address("10.0.0.9", 3);
        assertEquals(List.of(literal), found.get(0), "before any answer");
        List<Address> both = List.of(literal, new Address("10.0.0.1", 4),
                new Address("fd00:0:0:0:0:0:0:1", 4), new Address("10.0.0.1", 5),
                new Address("fd00:0:0:0:0:0:0:1", 5));
        Await.until(() -> "a and no are answered: " + found, 5, () -> met(() -> found.size() == 3));
        assertEquals(both, found.get(2), "the silent name keeps nobody waiting");
        assertTrue(log.get(0).endsWith("no address is known for no in -peers; looking it up "
                + "again"), log.toString());
        named.lookUp();
        named.lookUp();
        assertEquals(1, log.stream().filter(line -> line.contains("the lookup of silent takes "
                + "long")).count(), "once");
    }

    @Test
    void aLinkLocalLiteralOfAMissingInterfaceHasNoAddress() {
        NamedPeers named = new NamedPeers(List.of(new Address("fe80::1%none", 1)), lookup,
                new Log(Log.Level.INFO, Clock.system(), log::add), found::add);
        named.lookUp();
        assertEquals(List.of(List.of()), found);
        assertTrue(log.get(0).contains("no address is known for fe80::1%none in -peers"));
    }
}
