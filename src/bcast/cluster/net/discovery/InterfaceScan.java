package bcast.cluster.net.discovery;

import bcast.base.FaultHandler;
import bcast.base.Log;
import bcast.base.LoggedTexts;
import bcast.base.Worker;
import java.net.InetAddress;
import java.net.SocketException;
import java.util.Optional;
import java.util.function.Consumer;

/** Lists the network interfaces every few seconds, on a thread of its own. */
public final class InterfaceScan {

    private static final long SCAN_MS = 3_000;

    /** A host counts as without interfaces after this many failed scans, if none succeeded. */
    static final int MAX_FAILURES = 3;

    @FunctionalInterface
    interface Listing {
        Interfaces list() throws SocketException;
    }

    private final Worker worker;

    /**
     * A scan, not yet started.
     *
     * @param bind if given, only the interface that has this address counts
     * @param found receives the interfaces after each scan, on the scan's thread; not while the
     *     first scans fail, up to {@value #MAX_FAILURES} of them, since without interfaces no
     *     neighbour would be on a private network
     */
    public InterfaceScan(Optional<InetAddress> bind, Log log, Consumer<Interfaces> found,
            FaultHandler fault) {
        this(() -> Interfaces.scan(bind), SCAN_MS, log, found, fault);
    }

    InterfaceScan(Listing listing, long scanMs, Log log, Consumer<Interfaces> found,
            FaultHandler fault) {
        this.worker = new Worker("cluster-interfaces", () -> {
            LoggedTexts warned = new LoggedTexts();
            Optional<Interfaces> last = Optional.empty();
            for (int scans = 1; ; scans++) {
                try {
                    last = Optional.of(listing.list());
                } catch (SocketException | RuntimeException e) {
                    String text = "cannot list the network interfaces: " + e.getMessage()
                            + (last.isEmpty() ? "; trying again"
                            : "; those found before are used");
                    log.log(warned.level(text, Log.Level.WARN), text);
                    if (last.isEmpty() && scans == MAX_FAILURES) {
                        last = Optional.of(Interfaces.NONE);
                    }
                }
                last.ifPresent(found);
                Thread.sleep(scanMs);
            }
        }, fault);
    }

    public void start() {
        worker.start();
    }

    public void stop() {
        worker.interrupt();
    }
}
