package bcast.http.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class RequestThreadsTest {

    @Test
    void aTaskBeyondTheLastHelperRunsOnItsOwnThread() throws InterruptedException {
        Executor helpers = RequestThreads.helpers("helper-", 2);
        BlockingQueue<Thread> began = new LinkedBlockingQueue<>();
        CountDownLatch end = new CountDownLatch(1);
        for (int i = 0; i < 2; i++) {
            helpers.execute(() -> {
                began.add(Thread.currentThread());
                try {
                    end.await();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            });
            assertNotEquals(Thread.currentThread(), began.take());
        }
        helpers.execute(() -> began.add(Thread.currentThread()));
        assertEquals(Thread.currentThread(), began.take());
        end.countDown();
    }
}
