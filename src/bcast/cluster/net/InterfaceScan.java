package bcast.cluster.net;

import bcast.base.Log;
import bcast.base.Once;
import bcast.base.Worker;
import java.net.InetAddress;
import java.net.SocketException;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** Looks at the network interfaces every few seconds, on a thread of its own. */
public final class InterfaceScan {

    /** Time between scans. */
    static final long SCAN_MS = 3_000;

    private final Worker worker;

    /**
     * A scan, not yet started.
     *
     * @param bind if given, only the interface that has this address counts
     * @param log where it is logged that the system does not list its interfaces
     * @param found told what is there, at once and then after each scan, on the scan's thread
     * @param fault told if the thread fails
     */
    public InterfaceScan(Optional<InetAddress> bind, Log log, Consumer<Interfaces> found,
            BiConsumer<String, Throwable> fault) {
        this.worker = new Worker("cluster-interfaces", () -> {
            Once logged = new Once();
            Interfaces last = Interfaces.NONE;
            while (true) {
                try {
                    last = Interfaces.scan(bind);
                } catch (SocketException | RuntimeException e) {
                    String text = "cannot list the network interfaces: " + e.getMessage()
                            + "; those known before are used";
                    log.log(logged.first(text) ? Log.Level.WARN : Log.Level.DEBUG, text);
                }
                found.accept(last);
                Thread.sleep(SCAN_MS);
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
