package eventbus;

import bcast.eventbus.Event;
import bcast.eventbus.EventBus;
import bcast.eventbus.Subscription;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/** Gives each subscriber a queue, and a semaphore that counts the room left in it. */
final class SemaphoreEventBus implements EventBus {

    private final List<Queue> queues = new CopyOnWriteArrayList<>();

    @Override public void publish(Event event) {
        queues.stream().filter(queue -> queue.kinds.contains(event.getClass()))
                .forEach(queue -> queue.put(event));
    }

    @Override public Subscription subscribe(String name, Set<Class<? extends Event>> kinds,
            int capacity, WhenFull whenFull, Runnable arrived) {
        Queue queue = new Queue(queues::remove, Set.copyOf(kinds), whenFull, arrived,
                new AtomicLong(), new LinkedBlockingQueue<>(capacity), new Semaphore(capacity));
        queues.add(queue);
        return queue;
    }

    private record Queue(Consumer<Queue> remove, Set<Class<? extends Event>> kinds,
            WhenFull whenFull, Runnable arrived, AtomicLong dropped, BlockingQueue<Event> held,
            Semaphore room) implements Subscription {

        void put(Event event) {
            if (whenFull == WhenFull.WAIT) {
                room.acquireUninterruptibly();
            }
            if (whenFull == WhenFull.DROP && !room.tryAcquire() || !held.offer(event)) {
                dropped.incrementAndGet();
            }
            arrived.run();
        }

        private Event taken(Event event) {
            room.release(event == null ? 0 : 1);
            return event;
        }

        @Override public Event take() throws InterruptedException { return taken(held.take()); }
        @Override public Optional<Event> poll() { return Optional.ofNullable(taken(held.poll())); }
        @Override public long missed() { return dropped.getAndSet(0); }

        @Override public void close() {
            remove.accept(this);
            // More than can be waiting: all go on, and find the queue full.
            room.release(1 << 20);
        }
    }
}
