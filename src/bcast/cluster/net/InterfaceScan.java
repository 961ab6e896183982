package bcast.cluster.net;

import bcast.base.FaultHandler;
import bcast.base.Log;
import bcast.base.Once;
import bcast.base.Worker;
import java.net.InetAddress;
import java.net.SocketException;
import java.util.Optional;
import java.util.function.Consumer;

/** Looks at the network interfaces every few seconds, on a thread of its own. */
public final class InterfaceScan {

    /** Time between scans. */
    static final long SCAN_MS = 3_000;

    /** Scans that fail at first before the host counts as one without interfaces. */
    static final int MAX_FAILURES = 3;

    /** Lists the interfaces of the host. */
    @FunctionalInterface
    interface Listing {
        Interfaces list() throws SocketException;
    }

    private final Worker worker;

    /**
     * A scan, not yet started.
     *
     * @param bind if given, only the interface that has this address counts
     * @param log where it is logged that the system does not list its interfaces
     * @param found gets what is there after each scan, on the scan's thread; nothing while the
     *     first scans fail, up to {@value #MAX_FAILURES} of them, since without interfaces every
     *     neighbour counts as far
     * @param fault told if the thread fails
     */
    public InterfaceScan(Optional<InetAddress> bind, Log log, Consumer<Interfaces> found,
            FaultHandler fault) {
        this(() -> Interfaces.scan(bind), SCAN_MS, log, found, fault);
    }

    /** A scan that lists the interfaces by other means, and at other intervals. */
    InterfaceScan(Listing listing, long scanMs, Log log, Consumer<Interfaces> found,
            FaultHandler fault) {
        this.worker = new Worker("cluster-interfaces", () -> {
            Once logged = new Once();
            Optional<Interfaces> last = Optional.empty();
            for (int scans = 1; ; scans++) {
                try {
                    last = Optional.of(listing.list());
                } catch (SocketException | RuntimeException e) {
                    String text = "cannot list the network interfaces: " + e.getMessage()
                            + (last.isEmpty() ? "; it is tried again"
                            : "; those known before are used");
                    log.log(logged.first(text) ? Log.Level.WARN : Log.Level.DEBUG, text);
                    if (last.isEmpty() && scans == MAX_FAILURES) {
                        last = Optional.of(Interfaces.NONE);
                    }
                }
                last.ifPresent(found);
                Thread.sleep(scanMs);
            }
        }, fault);
    }

    /** Begins. */
    public void start() {
        worker.start();
    }

    /** Ends. */
    public void stop() {
        worker.interrupt();
    }
}
