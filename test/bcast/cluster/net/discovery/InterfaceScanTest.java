package bcast.cluster.net.discovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.base.Clock;
import bcast.base.Log;
import bcast.testing.Await;
import java.net.InetAddress;
import java.net.SocketException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** A system that does not always list its interfaces. */
final class InterfaceScanTest {

    private static final Interfaces SOME = new Interfaces(List.of(), List.of(
            new Interfaces.Subnet(InetAddress.getLoopbackAddress(), 8)));

    private final List<Interfaces> found = new CopyOnWriteArrayList<>();
    private final List<String> log = new CopyOnWriteArrayList<>();
    private final List<Throwable> faults = new CopyOnWriteArrayList<>();

    /** Lists no interfaces at first, then some for one scan, then none again. */
    private void scan(int failures, int wanted) throws Exception {
        AtomicInteger scans = new AtomicInteger();
        InterfaceScan scan = new InterfaceScan(() -> {
            if (scans.getAndIncrement() == failures) {
                return SOME;
            }
            throw new SocketException("no list");
        }, 1, new Log(Log.Level.INFO, Clock.system(), log::add), found::add,
                (name, e) -> faults.add(e));
        scan.start();
        Await.until("it scanned", 5, () -> found.size() >= wanted);
        scan.stop();
        assertEquals(List.of(), faults);
    }

    @Test
    void interfacesAreReportedAfterTheFirstListAndKeptWhenListingFails() throws Exception {
        scan(InterfaceScan.MAX_FAILURES - 1, 3);
        assertEquals(List.of(SOME, SOME, SOME), found.subList(0, 3));
        assertEquals(2, log.size(), log.toString());
        assertTrue(log.get(0).endsWith("cannot list the network interfaces: no list; "
                + "trying again"), log.get(0));
        assertTrue(log.get(1).endsWith("no list; those found before are used"), log.get(1));
    }

    @Test
    void aSystemThatDoesNotListInterfacesCountsAsWithoutAfterSomeScans() throws Exception {
        scan(InterfaceScan.MAX_FAILURES, 2);
        assertEquals(List.of(Interfaces.NONE, SOME), found.subList(0, 2));
    }
}
