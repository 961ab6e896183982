package bcast.cluster.net;

import bcast.base.Clock;
import bcast.base.Worker;
import bcast.cluster.gossip.Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * Asks the system what may take a while: names, and which interfaces are up. Has a thread of its
 * own; answers are handed over on it. Questions beyond {@link #MAX_QUESTIONS} are dropped, since
 * those that matter are asked again.
 */
public final class Lookup {

    /** Most questions that wait. */
    static final int MAX_QUESTIONS = 64;

    /** Time between scans of the interfaces. */
    static final long SCAN_MS = 3_000;

    private final BlockingQueue<Runnable> questions = new ArrayBlockingQueue<>(MAX_QUESTIONS);
    private final Worker worker;

    /**
     * A lookup, not yet started.
     *
     * @param bind if given, only the interface that has this address counts
     * @param clock for the time between scans
     * @param interfaces told what is there, at once and then every few seconds
     * @param fault told if the thread fails
     */
    public Lookup(Optional<InetAddress> bind, Clock clock, Consumer<Interfaces> interfaces,
            BiConsumer<String, Throwable> fault) {
        this.worker = new Worker("cluster-lookup", () -> {
            long scanDueMs = clock.steadyMs();
            while (true) {
                long waitMs = scanDueMs - clock.steadyMs();
                if (waitMs <= 0) {
                    scanDueMs = clock.steadyMs() + SCAN_MS;
                    interfaces.accept(Interfaces.scan(bind));
                }
                Runnable question = questions.poll(waitMs, TimeUnit.MILLISECONDS);
                if (question != null) {
                    question.run();
                }
            }
        }, fault);
    }

    /** Begins. */
    public void start() {
        worker.start();
    }

    /** Ends, once the question at hand is answered. */
    public void stop() {
        worker.interrupt();
    }

    /**
     * Looks up names.
     *
     * @param names addresses whose hosts may be names
     * @param answer told all addresses found, with IP literals, and the names not found
     */
    public void resolve(List<Address> names,
            BiConsumer<List<Address>, List<Address>> answer) {
        questions.offer(() -> {
            List<Address> found = new ArrayList<>();
            List<Address> unknown = new ArrayList<>();
            for (Address name : names) {
                try {
                    for (InetAddress address : InetAddress.getAllByName(name.host())) {
                        found.add(new Address(address.getHostAddress(), name.port()));
                    }
                } catch (UnknownHostException e) {
                    unknown.add(name);
                }
            }
            answer.accept(found, unknown);
        });
    }
}
