package bcast.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.testing.Await;
import bcast.testing.News;
import java.io.IOException;
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

/** Lines in order, whoever delivers them. */
final class LineDeliveryTest {

    private static final int ALONE = LineDelivery.ALONE_LINES;
    private static final LineDelivery.Memory ENOUGH = bytes -> { };

    private final List<Thread> started = Collections.synchronizedList(new ArrayList<>());
    private final Executor threads = task -> {
        Thread thread = new Thread(task, "delivers");
        started.add(thread);
        thread.start();
    };
    private final List<Long> numbers = Collections.synchronizedList(new ArrayList<>());
    private final Set<Thread> deliverers = Collections.synchronizedSet(new HashSet<>());
    private final Consumer<PostedLine> note = line -> {
        numbers.add(line.number());
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

    private static PostedLine line(long number) {
        return PostedLine.of(number, News.data("id" + number, "raw", 1));
    }

    private static List<Long> upTo(long number) {
        return LongStream.rangeClosed(1, number).boxed().toList();
    }

    private static void add(LineDelivery delivery, long from, long to, int bytes)
            throws IOException {
        for (long number = from; number <= to; number++) {
            delivery.add(line(number), bytes);
        }
    }

    @Test
    void aShortBatchIsDeliveredByItsReaderAndALongOneByAThreadOfItsOwn() throws IOException {
        for (int lines : new int[] {0, 1, ALONE, ALONE + 1, 20 * ALONE}) {
            numbers.clear();
            deliverers.clear();
            List<PostedLine> delivered = new ArrayList<>();
            int before = started.size();
            try (LineDelivery delivery = new LineDelivery(note, threads, ENOUGH)) {
                for (long number = 1; number <= lines; number++) {
                    delivery.add(line(number), 100);
                    delivery.takeDelivered(delivered);
                }
                delivery.finish();
                delivery.takeDelivered(delivered);
            }
            assertEquals(upTo(lines), numbers);
            assertEquals(upTo(lines), delivered.stream().map(PostedLine::number).toList());
            assertEquals(lines > ALONE ? 1 : 0, started.size() - before);
            assertEquals(lines == 0 ? 0 : lines > ALONE ? 2 : 1, deliverers.size());
        }
    }

    @Test
    void whatIsLetGoOfIsDeliveredThoughNoMoreComes() throws Exception {
        try (LineDelivery delivery = new LineDelivery(note, threads, ENOUGH)) {
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
        int bytes = LineDelivery.MAX_AHEAD_BYTES / 8;
        Consumer<PostedLine> slow = line -> {
            if (Thread.currentThread().getName().equals("delivers")) {
                may.acquireUninterruptibly();
            }
            note.accept(line);
        };
        Thread reader = new Thread(() -> {
            try (LineDelivery delivery = new LineDelivery(slow, threads, ENOUGH)) {
                add(delivery, 1, ALONE, 1);
                for (int i = 1; i <= 100; i++) {
                    delivery.add(line(ALONE + i), bytes);
                    delivery.handOn();
                    read.incrementAndGet();
                }
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
        reader.start();
        Await.until("the reader waits", 5, () -> read.get() == 8
                && reader.getState() == Thread.State.WAITING);
        // It goes on when half of that is delivered.
        may.release(3);
        Await.until("three are delivered", 5, () -> numbers.size() == ALONE + 3);
        assertEquals(8, read.get());
        may.release(1);
        Await.until("the reader waits again", 5, () -> read.get() == 12
                && reader.getState() == Thread.State.WAITING);
        may.release(1_000);
        reader.join(5_000);
        assertEquals(upTo(ALONE + 100), numbers);
    }

    @Test
    void withoutMemoryOrThreadsTheReaderGoesOnAlone() throws IOException {
        LineDelivery.Memory none = bytes -> {
            throw new HttpError(503, "busy", "no memory");
        };
        Executor full = task -> {
            throw new RejectedExecutionException();
        };
        for (LineDelivery delivery : List.of(new LineDelivery(note, threads, none),
                new LineDelivery(note, full, ENOUGH))) {
            numbers.clear();
            deliverers.clear();
            try (delivery) {
                add(delivery, 1, 3 * ALONE, 100);
            }
            assertEquals(upTo(3 * ALONE), numbers);
            assertEquals(Set.of(Thread.currentThread()), deliverers);
        }
        assertTrue(started.isEmpty());
    }

    @Test
    void aReaderThatIsInterruptedDeliversWhatItReadAndStaysInterrupted() throws Exception {
        CountDownLatch interrupted = new CountDownLatch(1);
        Consumer<PostedLine> late = line -> {
            if (line.number() == ALONE + 1) {
                try {
                    interrupted.await();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            }
            note.accept(line);
        };
        try (LineDelivery delivery = new LineDelivery(late, threads, ENOUGH)) {
            add(delivery, 1, 2 * ALONE, 100);
            Thread.currentThread().interrupt();
            interrupted.countDown();
            delivery.finish();
            assertEquals(upTo(2 * ALONE), numbers);
        } finally {
            assertTrue(Thread.interrupted());
        }
    }

    @Test
    void aFaultOfTheOtherThreadIsTheReadersToo() {
        RuntimeException fault = new IllegalStateException("broken");
        Consumer<PostedLine> broken = line -> {
            if (line.number() == ALONE + 10) {
                throw fault;
            }
        };
        IOException e = assertThrows(IOException.class, () -> {
            try (LineDelivery delivery = new LineDelivery(broken, threads, ENOUGH)) {
                add(delivery, 1, 2 * ALONE, LineDelivery.MAX_AHEAD_BYTES);
            }
        });
        assertSame(fault, e.getCause());
    }
}
