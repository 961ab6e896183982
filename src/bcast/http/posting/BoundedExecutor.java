package bcast.http.posting;

import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;

/** Lends a few threads of many, and rejects a task for which none is left. */
final class BoundedExecutor implements Executor {

    private final Executor threads;
    private final Semaphore free;

    /** Uses at most a number of the threads at a time. */
    BoundedExecutor(Executor threads, int most) {
        this.threads = threads;
        this.free = new Semaphore(most);
    }

    @Override
    public void execute(Runnable task) {
        if (!free.tryAcquire()) {
            throw new RejectedExecutionException("all threads are busy");
        }
        boolean begun = false;
        try {
            threads.execute(() -> {
                try {
                    task.run();
                } finally {
                    free.release();
                }
            });
            begun = true;
        } finally {
            if (!begun) {
                free.release();
            }
        }
    }
}
