package bcast.http.posting;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.http.server.MemoryBudget;
import bcast.testing.Await;
import bcast.testing.News;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Lines in order, whoever delivers them. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class BatchPipelineTest {

    private static final int ALONE = BatchPipeline.ALONE_LINES;

    private final AtomicInteger extended = new AtomicInteger();
    private final MemoryBudget.Account memory = MemoryBudget.ofBodies(1 << 30).of(
            InetAddress.getLoopbackAddress());
    private final List<Thread> started = Collections.synchronizedList(new ArrayList<>());
    private final Executor threads = task -> {
        Thread thread = new Thread(task, "delivers");
        started.add(thread);
        thread.start();
    };
    private final List<Long> numbers = Collections.synchronizedList(new ArrayList<>());
    private final Set<Thread> deliverers = Collections.synchronizedSet(new HashSet<>());
    private final Consumer<PostedRecord> note = line -> {
        numbers.add(line.line());
        deliverers.add(Thread.currentThread());
    };

    /** No thread outlives its batch. */
    @AfterEach
    void allThreadsEnd() throws InterruptedException {
        for (Thread thread : started) {
            thread.join(5_000);
            assertFalse(thread.isAlive());
        }
    }

    private static PostedRecord line(long number) {
        return PostedRecord.parsed(number, News.data("id" + number, "raw", 1));
    }

    private static List<Long> upTo(long number) {
        return LongStream.rangeClosed(1, number).boxed().toList();
    }

    private static void add(BatchPipeline delivery, long from, long to, int bytes) {
        for (long number = from; number <= to; number++) {
            delivery.add(line(number), bytes);
        }
    }

    @Test
    void aShortBatchIsDeliveredByItsReaderAndALongOneByAThreadOfItsOwn() {
        for (int lines : new int[] {0, 1, ALONE, ALONE + 1, 20 * ALONE}) {
            numbers.clear();
            deliverers.clear();
            List<PostedRecord> delivered = new ArrayList<>();
            int before = started.size();
            try (BatchPipeline delivery = new BatchPipeline(note, threads, memory,
                    extended::incrementAndGet)) {
                for (long number = 1; number <= lines; number++) {
                    delivery.add(line(number), 100);
                    delivery.takeDelivered(delivered);
                }
                delivery.finish();
                delivery.takeDelivered(delivered);
            }
            assertEquals(upTo(lines), numbers);
            assertEquals(upTo(lines), delivered.stream().map(PostedRecord::line).toList());
            assertEquals(lines > ALONE ? 1 : 0, started.size() - before);
            assertEquals(lines == 0 ? 0 : lines > ALONE ? 2 : 1, deliverers.size());
        }
    }

    @Test
    void whatIsLetGoOfIsDeliveredThoughNoMoreComes() throws Exception {
        try (BatchPipeline delivery = new BatchPipeline(note, threads, memory,
                    extended::incrementAndGet)) {
            add(delivery, 1, ALONE + 1, 100);
            delivery.handOn();
            Await.until("all are delivered", 5, () -> numbers.size() == ALONE + 1);
            delivery.add(line(ALONE + 2), 100);
            delivery.handOn();
            Await.until("so is one more", 5, () -> numbers.size() == ALONE + 2);
        }
    }

    @Test
    void whoReadsIsAheadByNoMoreThanTheLimit() throws Exception {
        Semaphore may = new Semaphore(0);
        AtomicInteger read = new AtomicInteger();
        int bytes = BatchPipeline.MAX_AHEAD_BYTES / 8;
        Consumer<PostedRecord> slow = line -> {
            if (Thread.currentThread().getName().equals("delivers")) {
                may.acquireUninterruptibly();
            }
            note.accept(line);
        };
        Thread reader = new Thread(() -> {
            try (BatchPipeline delivery = new BatchPipeline(slow, threads, memory,
                    extended::incrementAndGet)) {
                add(delivery, 1, ALONE, 1);
                for (int i = 1; i <= 100; i++) {
                    delivery.add(line(ALONE + i), bytes - BatchPipeline.LINE_BYTES);
                    delivery.handOn();
                    read.incrementAndGet();
                }
            }
        });
        reader.start();
        Await.until("the reader waits", 5, () -> read.get() == 8
                && reader.getState() == Thread.State.TIMED_WAITING);
        // It goes on when half of that is delivered.
        may.release(3);
        Await.until("three are delivered", 5, () -> numbers.size() == ALONE + 3);
        assertEquals(8, read.get());
        may.release(1);
        Await.until("the reader waits again", 5, () -> read.get() == 12
                && reader.getState() == Thread.State.TIMED_WAITING);
        may.release(1_000);
        reader.join(5_000);
        assertEquals(upTo(ALONE + 100), numbers);
        assertTrue(extended.get() > 0);
    }

    @Test
    void withoutMemoryOrThreadsTheReaderGoesOnAlone() {
        MemoryBudget.Account none = MemoryBudget.ofBodies(0).of(InetAddress.getLoopbackAddress());
        Runnable never = () -> {
            throw new AssertionError("nobody waits");
        };
        Executor full = task -> {
            throw new RejectedExecutionException();
        };
        for (BatchPipeline delivery : List.of(new BatchPipeline(note, threads, none, never),
                new BatchPipeline(note, full, memory, never))) {
            numbers.clear();
            deliverers.clear();
            try (delivery) {
                add(delivery, 1, 3 * ALONE, 100);
            }
            assertEquals(upTo(3 * ALONE), numbers);
            assertEquals(Set.of(Thread.currentThread()), deliverers);
        }
        assertTrue(started.isEmpty());
        assertEquals(0, memory.held());
    }

    @Test
    void aReaderThatIsInterruptedDeliversWhatItReadAndStaysInterrupted() throws Exception {
        AtomicInteger interrupts = new AtomicInteger();
        CountDownLatch never = new CountDownLatch(1);
        Consumer<PostedRecord> stuck = line -> {
            if (line.line() == ALONE + 1) {
                try {
                    never.await();
                } catch (InterruptedException e) {
                    interrupts.incrementAndGet();
                }
            }
            note.accept(line);
        };
        AtomicInteger stayed = new AtomicInteger();
        Thread reader = new Thread(() -> {
            try (BatchPipeline delivery = new BatchPipeline(stuck, threads, memory,
                    extended::incrementAndGet)) {
                add(delivery, 1, 2 * ALONE, 100);
            }
            stayed.set(Thread.interrupted() ? 1 : 0);
        });
        reader.start();
        Await.until("the reader waits for what got stuck", 5, () ->
                reader.getState() == Thread.State.TIMED_WAITING);
        assertEquals(ALONE, numbers.size());
        reader.interrupt();
        reader.join(5_000);
        assertEquals(upTo(2 * ALONE), numbers);
        assertEquals(1, interrupts.get());
        assertEquals(1, stayed.get());
    }

    @Test
    void anInterruptBeforeTheOtherThreadStartsReachesItAllTheSame() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        CountDownLatch start = new CountDownLatch(1);
        Consumer<PostedRecord> stuck = line -> {
            if (line.line() == ALONE + 1) {
                try {
                    never.await();
                } catch (InterruptedException e) {
                    // The line is delivered then.
                }
            }
            note.accept(line);
        };
        Executor late = task -> threads.execute(() -> {
            try {
                start.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            task.run();
        });
        Thread reader = new Thread(() -> {
            try (BatchPipeline delivery = new BatchPipeline(stuck, late, memory,
                    extended::incrementAndGet)) {
                add(delivery, 1, 2 * ALONE, 100);
            }
        });
        reader.start();
        Await.until("the reader waits", 5, () ->
                reader.getState() == Thread.State.TIMED_WAITING);
        reader.interrupt();
        Await.until("the reader takes it", 5, () -> !reader.isInterrupted());
        start.countDown();
        reader.join(5_000);
        assertEquals(upTo(2 * ALONE), numbers);
    }

    @Test
    void anInterruptIsForOneLineAndNotForThoseAfterIt() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        AtomicInteger disturbed = new AtomicInteger();
        Consumer<PostedRecord> minds = line -> {
            if (line.line() == ALONE + 1) {
                try {
                    never.await();
                } catch (InterruptedException e) {
                    // As code does that cannot throw it.
                    Thread.currentThread().interrupt();
                }
            } else if (Thread.currentThread().isInterrupted()) {
                disturbed.incrementAndGet();
            }
            note.accept(line);
        };
        Thread reader = new Thread(() -> {
            try (BatchPipeline delivery = new BatchPipeline(minds, threads, memory,
                    extended::incrementAndGet)) {
                add(delivery, 1, 2 * ALONE, 100);
            }
        });
        reader.start();
        Await.until("the reader waits for what got stuck", 5, () ->
                reader.getState() == Thread.State.TIMED_WAITING);
        reader.interrupt();
        reader.join(5_000);
        assertEquals(upTo(2 * ALONE), numbers);
        assertEquals(0, disturbed.get());
    }

    @Test
    void aReaderThatWasInterruptedBeforeDoesNotInterruptTheOther() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        AtomicInteger disturbed = new AtomicInteger();
        Consumer<PostedRecord> waits = line -> {
            if (line.line() == ALONE + 1) {
                try {
                    go.await();
                } catch (InterruptedException e) {
                    disturbed.incrementAndGet();
                }
            }
            note.accept(line);
        };
        Thread reader = new Thread(() -> {
            try (BatchPipeline delivery = new BatchPipeline(waits, threads, memory,
                    extended::incrementAndGet)) {
                add(delivery, 1, 2 * ALONE, 100);
                Thread.currentThread().interrupt();
            }
        });
        reader.start();
        Await.until("the reader waits", 5, () ->
                reader.getState() == Thread.State.TIMED_WAITING);
        go.countDown();
        reader.join(5_000);
        assertEquals(upTo(2 * ALONE), numbers);
        assertEquals(0, disturbed.get());
    }

    @Test
    void whoFoundNoThreadAsksAgain() {
        AtomicInteger asked = new AtomicInteger();
        Executor later = task -> {
            if (asked.incrementAndGet() < 3) {
                throw new RejectedExecutionException();
            }
            threads.execute(task);
        };
        int lines = ALONE + 4 * BatchPipeline.AGAIN_LINES;
        try (BatchPipeline delivery = new BatchPipeline(note, later, memory,
                    extended::incrementAndGet)) {
            add(delivery, 1, lines, 0);
        }
        assertEquals(upTo(lines), numbers);
        assertEquals(3, asked.get());
        assertEquals(2, deliverers.size());
        assertEquals(BatchPipeline.MAX_AHEAD_BYTES, memory.held());
    }

    @Test
    void aFaultOfTheOtherThreadIsTheReadersToo() {
        for (Throwable fault : List.of(new IllegalStateException("broken"),
                new StackOverflowError("broken"))) {
            Consumer<PostedRecord> broken = line -> {
                if (line.line() == ALONE + 10) {
                    if (fault instanceof Error error) {
                        throw error;
                    }
                    throw (RuntimeException) fault;
                }
            };
            IllegalStateException e = assertThrows(IllegalStateException.class, () -> {
                try (BatchPipeline delivery = new BatchPipeline(broken, threads, memory,
                    extended::incrementAndGet)) {
                    add(delivery, 1, 2 * ALONE, BatchPipeline.MAX_AHEAD_BYTES);
                }
            });
            assertSame(fault, e.getCause());
        }
    }

    @Test
    void aLineOfNoBytesIsWaitedForAsWell() {
        for (int i = 0; i < 100; i++) {
            numbers.clear();
            try (BatchPipeline delivery = new BatchPipeline(note, threads, memory,
                    extended::incrementAndGet)) {
                add(delivery, 1, ALONE, 0);
                delivery.finish();
                delivery.add(line(ALONE + 1), 0);
                delivery.finish();
                assertEquals(upTo(ALONE + 1), numbers);
            }
        }
    }

    @Test
    void aThreadThatIsNotFreeIsRejectedUntilOneIs() throws Exception {
        BoundedExecutor two = new BoundedExecutor(threads, 2);
        CountDownLatch end = new CountDownLatch(1);
        Runnable waits = () -> {
            try {
                end.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        };
        two.execute(waits);
        two.execute(waits);
        assertThrows(RejectedExecutionException.class, () -> two.execute(waits));
        end.countDown();
        allThreadsEnd();
        two.execute(waits);
        BoundedExecutor none = new BoundedExecutor(task -> {
            throw new RejectedExecutionException();
        }, 1);
        for (int i = 0; i < 2; i++) {
            assertThrows(RejectedExecutionException.class, () -> none.execute(waits));
        }
    }
}
