package bcast.base;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What is made once, late. */
final class LazyTest {

    private static final int THREADS = 8;

    private final AtomicInteger made = new AtomicInteger();

    @Test
    void isMadeOnceThoughManyAskAtOnce() throws Exception {
        Lazy<Integer> lazy = new Lazy<>(made::incrementAndGet);
        assertEquals(0, made.get());
        CyclicBarrier together = new CyclicBarrier(THREADS);
        Callable<Integer> ask = () -> {
            together.await();
            return lazy.get();
        };
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try {
            List<Future<Integer>> all = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                all.add(threads.submit(ask));
            }
            for (Future<Integer> one : all) {
                assertEquals(1, one.get());
            }
        } finally {
            threads.shutdown();
        }
        assertEquals(1, made.get());
    }

    @Test
    void isAskedForAgainAfterAFailure() {
        Lazy<Integer> lazy = new Lazy<>(() -> {
            if (made.incrementAndGet() == 1) {
                throw new IllegalStateException("not yet");
            }
            return made.get();
        });
        assertThrows(IllegalStateException.class, lazy::get);
        assertEquals(2, lazy.get());
        assertEquals(2, lazy.get());
    }
}
