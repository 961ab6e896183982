package bcast.eventbus;

import bcast.base.Context;
import bcast.base.Counters;
import bcast.base.Metric;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.DoubleSupplier;

/** An event bus of one bounded {@link BlockingQueue} a subscriber. */
public final class QueueEventBus implements EventBus {

    /** Count of events dropped because a subscriber's queue was full. */
    public static final Metric DROPPED = Metric.counter("bcast_bus_events_dropped_total",
            "Events dropped because a module's queue was full; repair makes up for them.");

    /** Gauges of events that wait, each with its {@code module}. */
    public static final Metric QUEUED = Metric.gauge("bcast_bus_queued_events",
            "Events that wait for a module.");

    private static final long CLOSED_CHECK_MS = 100;

    private final List<Queue> queues = new CopyOnWriteArrayList<>();
    private final Counters counters;

    /**
     * A bus without subscribers.
     *
     * @param context counts dropped events
     */
    public QueueEventBus(Context context) {
        this.counters = context.counters();
        counters.declare(List.of(DROPPED));
    }

    @Override
    public void publish(Event event) {
        for (Queue queue : queues) {
            if (queue.kinds.contains(event.getClass())) {
                queue.put(event);
            }
        }
    }

    @Override
    public Subscription subscribe(String name, Set<Class<? extends Event>> kinds, int capacity,
            WhenFull whenFull, Runnable arrived) {
        Queue queue = new Queue(QUEUED.with("module", name), kinds, capacity, whenFull, arrived);
        queues.add(queue);
        counters.gauge(queue.gauge, queue.size);
        return queue;
    }

    private final class Queue implements Subscription {
        private final Metric gauge;
        private final Set<Class<? extends Event>> kinds;
        private final BlockingQueue<Event> events;
        private final DoubleSupplier size;
        private final WhenFull whenFull;
        private final Runnable arrived;
        private final AtomicLong missed = new AtomicLong();
        private volatile boolean closed;

        Queue(Metric gauge, Set<Class<? extends Event>> kinds, int capacity, WhenFull whenFull,
                Runnable arrived) {
            this.gauge = gauge;
            this.kinds = Set.copyOf(kinds);
            this.events = new ArrayBlockingQueue<>(capacity);
            this.size = events::size;
            this.whenFull = whenFull;
            this.arrived = arrived;
        }

        void put(Event event) {
            boolean queued = events.offer(event)
                    || whenFull == WhenFull.WAIT && offerUntilClosed(event);
            if (!queued) {
                missed.incrementAndGet();
                counters.count(DROPPED);
            }
            arrived.run();
        }

        private boolean offerUntilClosed(Event event) {
            boolean interrupted = false;
            try {
                while (!closed) {
                    try {
                        if (events.offer(event, CLOSED_CHECK_MS, TimeUnit.MILLISECONDS)) {
                            return true;
                        }
                    } catch (InterruptedException e) {
                        interrupted = true;
                    }
                }
                return false;
            } finally {
                if (interrupted) {
                    Thread.currentThread().interrupt();
                }
            }
        }

        @Override
        public Event take() throws InterruptedException {
            return events.take();
        }

        @Override
        public Optional<Event> poll() {
            return Optional.ofNullable(events.poll());
        }

        @Override
        public long missed() {
            return missed.getAndSet(0);
        }

        @Override
        public void close() {
            closed = true;
            queues.remove(this);
            counters.removeGauge(gauge, size);
        }
    }
}
