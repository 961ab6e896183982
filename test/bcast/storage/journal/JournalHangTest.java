package bcast.storage.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.base.StartException;
import bcast.testing.Await;
import bcast.testing.News;
import java.io.FileDescriptor;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Disks that neither do what they are asked nor say that they cannot. */
final class JournalHangTest extends JournalRuns {

    private final CountDownLatch asked = new CountDownLatch(1);
    private final CountDownLatch answers = new CountDownLatch(1);

    @BeforeEach
    void hang() {
        disk = file -> {
            asked.countDown();
            awaitAnswer();
            file.sync();
        };
    }

    @AfterEach
    void answer() {
        answers.countDown();
    }

    /** As a system call, it is not to be interrupted. */
    private void awaitAnswer() {
        boolean interrupted = false;
        while (answers.getCount() > 0) {
            try {
                answers.await();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private Run hanging() throws Exception {
        Run run = new Run(Journal.Sync.ALWAYS);
        run.storage.merge(News.data("id", "raw", NOW));
        asked.await();
        return run;
    }

    @Test
    void isSaidAndRefusesClientsUntilTheyDo() throws Exception {
        Run run = hanging();
        clock.advance(JournalPromise.AWAIT_MS - 1);
        assertEquals(Optional.empty(), run.journal.problem());
        clock.advance(1);
        Optional<String> why = Optional.of("the disk of " + dir + " takes too long");
        assertEquals(why, run.journal.problem());
        assertEquals(why, run.journal.await(run.storage.lastArrival()));
        assertEquals(why, run.journal.problem());
        assertEquals(1, said("takes too long; clients' records are refused", "ERROR"));
        answers.countDown();
        Await.until("it works again", 10, () -> run.journal.problem().isEmpty());
        assertEquals(Optional.empty(), run.journal.await(run.storage.lastArrival()));
        run.post(News.data("more", "raw", NOW));
        assertEquals(1, said("works again", "WARN"));
    }

    @Test
    void doNotKeepTheNodeFromStopping() throws Exception {
        Run run = hanging();
        assertTimeoutPreemptively(Duration.ofMillis(5 * Journal.CLOSE_MS), run::end);
        assertEquals(1, said("did not respond within 2 s; 1 records may not be on it", "ERROR"));
        answers.countDown();
        disk = FileDescriptor::sync;
        Await.until("it has let the directory go", 10, () -> free());
    }

    @Test
    void areNotReportedByAnInterruptedThreadThatDidNotWaitForThem() throws Exception {
        Run run = hanging();
        Thread.currentThread().interrupt();
        run.end();
        assertTrue(Thread.interrupted());
        assertEquals(0, said("did not respond", "ERROR"));
        answers.countDown();
        disk = FileDescriptor::sync;
        Await.until("it has let the directory go", 10, () -> free());
    }

    private boolean free() {
        try {
            new Run(Journal.Sync.NEVER).end();
            return true;
        } catch (StartException e) {
            return false;
        }
    }

    @Test
    void aThreadThatIsAskedToEndBeginsAFileAllTheSame() throws Exception {
        Thread.currentThread().interrupt();
        JournalFile file = new JournalFile(dir, 1, 1, FileDescriptor::sync);
        assertTrue(Thread.interrupted());
        file.close();
    }
}
