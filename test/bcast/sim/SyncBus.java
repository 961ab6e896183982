package bcast.sim;

import bcast.eventbus.Event;
import bcast.eventbus.EventBus;
import bcast.eventbus.Subscription;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** An event bus without threads: events wait until the simulated node takes them. */
public final class SyncBus implements EventBus {

    private final List<Queue> queues = new ArrayList<>();

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
        Queue queue = new Queue(kinds, capacity, arrived);
        queues.add(queue);
        return queue;
    }

    private final class Queue implements Subscription {
        private final Set<Class<? extends Event>> kinds;
        private final int capacity;
        private final Runnable arrived;
        private final Deque<Event> events = new ArrayDeque<>();
        private long missed;

        Queue(Set<Class<? extends Event>> kinds, int capacity, Runnable arrived) {
            this.kinds = Set.copyOf(kinds);
            this.capacity = capacity;
            this.arrived = arrived;
        }

        void put(Event event) {
            if (events.size() < capacity) {
                events.add(event);
            } else {
                missed++;
            }
            arrived.run();
        }

        @Override
        public Event take() {
            throw new UnsupportedOperationException("nobody waits in a simulation");
        }

        @Override
        public Optional<Event> poll() {
            return Optional.ofNullable(events.poll());
        }

        @Override
        public long missed() {
            long count = missed;
            missed = 0;
            return count;
        }

        @Override
        public void close() {
            queues.remove(this);
        }
    }
}
