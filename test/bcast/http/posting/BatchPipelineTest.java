package bcast.http.posting;

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
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Lines are delivered in order, whichever thread delivers them. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class BatchPipelineTest {

    private static final int ALONE = BatchPipeline.ALONE_LINES;

    private final List<Thread> started = Collections.synchronizedList(new ArrayList<>());
    private final Executor helpers = task -> {
        Thread thread = new Thread(task, "helper");
        started.add(thread);
        thread.start();
    };
    private final List<Long> numbers = Collections.synchronizedList(new ArrayList<>());
    private final Set<Thread> deliverers = Collections.synchronizedSet(new HashSet<>());
    private final Consumer<PostedRecord> note = line -> {
        numbers.add(line.line());
        deliverers.add(Thread.currentThread());
    };

    @AfterEach
    void noHelperOutlivesItsBatch() throws InterruptedException {
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

    private static void add(BatchPipeline pipeline, long from, long to, int bytes)
            throws IOException {
        for (long number = from; number <= to; number++) {
            pipeline.add(line(number), bytes);
        }
    }

    @Test
    void onlyALongBatchHasAHelper() throws IOException {
        for (int lines : new int[] {0, 1, ALONE, ALONE + 1, 20 * ALONE}) {
            numbers.clear();
            deliverers.clear();
            started.clear();
            try (BatchPipeline pipeline = new BatchPipeline(note, helpers)) {
                add(pipeline, 1, lines, 100);
                pipeline.finish();
                assertEquals(upTo(lines), numbers);
                assertEquals(upTo(lines),
                        pipeline.delivered().stream().map(PostedRecord::line).toList());
            }
            assertEquals(lines > ALONE, !started.isEmpty());
            assertEquals(lines > 0, deliverers.contains(Thread.currentThread()));
        }
    }

    @Test
    void linesAreDeliveredThoughTheNextOnesDoNotArrive() throws Exception {
        try (BatchPipeline pipeline = new BatchPipeline(note, helpers)) {
            add(pipeline, 1, ALONE + 1, 100);
            pipeline.handOn();
            Await.until("all are delivered", 5, () -> numbers.size() == ALONE + 1);
            pipeline.add(line(ALONE + 2), 100);
            pipeline.handOn();
            Await.until("so is one more", 5, () -> numbers.size() == ALONE + 2);
        }
    }

    @Test
    void theReaderIsAheadByAtMostTheLimit() throws Exception {
        Semaphore permits = new Semaphore(0);
        AtomicInteger read = new AtomicInteger();
        int bytes = BatchPipeline.MAX_AHEAD_BYTES / 8;
        Consumer<PostedRecord> slow = line -> {
            if (Thread.currentThread().getName().equals("helper")) {
                permits.acquireUninterruptibly();
            }
            note.accept(line);
        };
        Thread reader = new Thread(() -> {
            try (BatchPipeline pipeline = new BatchPipeline(slow, helpers)) {
                add(pipeline, 1, ALONE, 0);
                pipeline.handOn();
                for (int i = 1; i <= 100; i++) {
                    pipeline.add(line(ALONE + i), bytes - BatchPipeline.LINE_BYTES);
                    pipeline.handOn();
                    read.incrementAndGet();
                    while (i == 1 && !permits.hasQueuedThreads()) {
                        Thread.onSpinWait();
                    }
                }
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
        reader.start();
        Await.until("the reader waits", 5, () -> read.get() == 8
                && reader.getState() == Thread.State.WAITING);
        // The helper had only the first to deliver, and the ninth takes its place.
        permits.release(1);
        Await.until("the reader waits again", 5, () -> read.get() == 9
                && reader.getState() == Thread.State.WAITING);
        permits.release(1_000);
        reader.join(5_000);
        assertEquals(upTo(ALONE + 100), numbers);
    }

    @Test
    void theReaderDeliversAllIfNoHelperIsFree() throws IOException {
        try (BatchPipeline pipeline = new BatchPipeline(note, Runnable::run)) {
            add(pipeline, 1, 3 * ALONE, 100);
        }
        assertEquals(upTo(3 * ALONE), numbers);
        assertEquals(Set.of(Thread.currentThread()), deliverers);
    }

    @Test
    void anInterruptEndsTheReadersWaitAndNoDelivery() throws Exception {
        Semaphore permits = new Semaphore(0);
        Consumer<PostedRecord> stuck = line -> {
            if (line.line() == ALONE + 1) {
                permits.acquireUninterruptibly();
            }
            note.accept(line);
        };
        AtomicReference<Throwable> ended = new AtomicReference<>();
        Thread reader = new Thread(() -> {
            try (BatchPipeline pipeline = new BatchPipeline(stuck, helpers)) {
                add(pipeline, 1, ALONE, 0);
                pipeline.handOn();
                add(pipeline, ALONE + 1, 2 * ALONE, 0);
            } catch (IOException e) {
                ended.set(e);
            }
        });
        reader.start();
        Await.until("the reader waits", 5, () -> reader.getState() == Thread.State.WAITING);
        reader.interrupt();
        reader.join(5_000);
        assertTrue(ended.get() instanceof IOException);
        permits.release();
        Await.until("all are delivered", 5, () -> numbers.size() == 2 * ALONE);
        assertEquals(upTo(2 * ALONE), numbers);
    }

    @Test
    void aFaultOfEitherThreadEndsTheBatch() {
        for (int broken : new int[] {10, ALONE + 10}) {
            for (Throwable fault : List.of(new IllegalStateException("broken"),
                    new StackOverflowError("broken"))) {
                Consumer<PostedRecord> breaks = line -> {
                    if (line.line() == broken && fault instanceof Error error) {
                        throw error;
                    } else if (line.line() == broken) {
                        throw (RuntimeException) fault;
                    }
                };
                IllegalStateException e = assertThrows(IllegalStateException.class, () -> {
                    try (BatchPipeline pipeline = new BatchPipeline(breaks, helpers)) {
                        add(pipeline, 1, 2 * ALONE, BatchPipeline.MAX_AHEAD_BYTES / 8);
                    }
                });
                assertSame(fault, e.getCause());
            }
        }
    }

    @Test
    void aLineOfNoBytesIsWaitedForAsWell() throws IOException {
        for (int i = 0; i < 100; i++) {
            numbers.clear();
            try (BatchPipeline pipeline = new BatchPipeline(note, helpers)) {
                add(pipeline, 1, ALONE, 0);
                pipeline.finish();
                pipeline.add(line(ALONE + 1), 0);
                pipeline.finish();
                assertEquals(upTo(ALONE + 1), numbers);
            }
        }
    }
}
