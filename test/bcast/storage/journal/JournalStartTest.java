package bcast.storage.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.data.Data;
import bcast.testing.Await;
import bcast.testing.News;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Starts on a directory that is not as the last run wished it to be. */
final class JournalStartTest extends JournalRuns {

    private static final Data OLD = News.data("old", "raw", NOW);

    private void writeOld() throws Exception {
        Run run = new Run(Journal.Sync.ALWAYS);
        run.post(OLD);
        run.end();
    }

    /** Returns only after everything that was due has been done. */
    private void passTime(Run run, long ms) throws Exception {
        run.pass(ms);
        for (int i = 0; i < 2; i++) {
            run.post(News.data("at" + clock.steadyMs() + "-" + i, "raw", clock.wallMs()));
        }
    }

    @Test
    void aClockThatIsAheadAtTheStartDeletesNothing() throws Exception {
        writeOld();
        clock.jump(2 * DAY_MS);
        Run ahead = new Run(Journal.Sync.ALWAYS);
        assertEquals(0, ahead.storage.size());
        assertTrue(said("0 records in 1 files read in 0 ms; 1 more have expired"));
        passTime(ahead, Journal.SYNC_MS);
        passTime(ahead, JournalDir.GRACE_MS / 2);
        clock.jump(-2 * DAY_MS);
        passTime(ahead, JournalDir.GRACE_MS);
        ahead.end();
        Run again = new Run(Journal.Sync.ALWAYS);
        assertTrue(again.storage.holds(OLD));
    }

    @Test
    void aClockThatStaysAheadIsBelievedAfterAWhile() throws Exception {
        writeOld();
        Path old = onlyFile();
        clock.jump(2 * DAY_MS);
        Run ahead = new Run(Journal.Sync.ALWAYS);
        passTime(ahead, JournalDir.GRACE_MS - 1);
        assertTrue(Files.exists(old));
        passTime(ahead, Journal.SYNC_MS);
        assertFalse(Files.exists(old));
    }

    @Test
    void aClockFarBehindTheNewestRecordIsSaidUntilItIsRight() throws Exception {
        writeOld();
        clock.jump(-SKEW_MS);
        Run near = new Run(Journal.Sync.ALWAYS);
        assertEquals(Optional.empty(), near.journal.note());
        near.end();
        clock.jump(-1);
        Run behind = new Run(Journal.Sync.ALWAYS);
        String note = "this node's clock is 300 s behind the newest record in " + dir
                + "; records posted now are dated too early: set the clock";
        assertEquals(Optional.of(note), behind.journal.note());
        assertEquals(1, said(note, "WARN"));
        assertTrue(behind.storage.holds(OLD));
        assertEquals(Optional.empty(), behind.journal.problem());
        clock.jump(1);
        assertEquals(Optional.empty(), behind.journal.note());
    }

    @Test
    void aFileThatCannotBeReadCostsItsRecordsOnly() throws Exception {
        writeOld();
        Path bad = dir.resolve("news-000000000000-0000000000000001.journal");
        Files.createDirectory(bad);
        Run run = new Run(Journal.Sync.ALWAYS);
        assertEquals(List.of(OLD), run.storage.list());
        assertEquals(1, said("cannot read all of " + bad, "ERROR"));
        assertFalse(said("cannot sync the directory"), log::toString);
        passTime(run, DAY_MS - 1);
        assertTrue(Files.exists(bad));
        clock.advance(Journal.SYNC_MS);
        Await.until("it is deleted", 10, () -> !Files.exists(bad));
    }

    @Test
    void aJournalThatNeverStartedWritesNothing() throws Exception {
        Run run = new Run(Journal.Sync.ALWAYS, "as another part of the node failed");
        run.storage.merge(OLD);
        run.end();
        assertEquals(List.of(), files());
    }

    @ParameterizedTest
    @EnumSource(Journal.Sync.class)
    void whatIsReadIsMadeSafe(Journal.Sync sync) throws Exception {
        for (int i = 0; i < 3; i++) {
            Run run = new Run(Journal.Sync.NEVER);
            run.post(News.data("id" + i, "raw", NOW));
            run.end();
        }
        AtomicInteger syncs = new AtomicInteger();
        disk = file -> {
            syncs.incrementAndGet();
            file.sync();
        };
        new Run(sync).end();
        assertEquals(sync == Journal.Sync.NEVER ? 0 : 3, syncs.get());
    }

    @Test
    void whatIsNotValidAnyMoreIsLeftOut() throws Exception {
        Run run = new Run(Journal.Sync.NEVER);
        Data upper = Data.of("upper", "raw", "ABCD", NOW);
        run.post(OLD);
        run.post(upper);
        run.post(News.data("forged", "raw", NOW));
        run.end();
        judge = data -> data.id().equals("forged") ? Optional.empty()
                : Optional.of(data.id().equals("upper") ? data.withSignature("abcd") : data);
        assertEquals(List.of(OLD, upper.withSignature("abcd")),
                new Run(Journal.Sync.NEVER).storage.list());
        assertEquals(1, said("1 records are left out because the validator refuses them", "WARN"));
    }
}
