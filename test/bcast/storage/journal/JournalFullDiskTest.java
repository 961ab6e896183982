package bcast.storage.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.data.Data;
import bcast.testing.Await;
import bcast.testing.News;
import bcast.testing.SmallDisk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Disks that are full, refuse to delete, or do not confirm. */
final class JournalFullDiskTest extends JournalRuns {

    private static final String RAW = "x".repeat(200_000);

    private static long bytes(List<Data> records) {
        return records.stream().mapToLong(Frames::length).sum();
    }

    @ParameterizedTest
    @EnumSource(Journal.Sync.class)
    void oneThatIsFullOfWhatHasExpiredFreesItself(Journal.Sync sync) throws Exception {
        try (SmallDisk small = new SmallDisk(dir, "12m")) {
            small.fill(1 << 20);
            Run run = new Run(sync);
            int held = 0;
            Optional<String> refused = Optional.empty();
            while (refused.isEmpty()) {
                run.storage.merge(News.data("old" + held++, RAW, NOW));
                refused = run.journal.await(run.storage.lastArrival());
            }
            assertEquals(2, files().size());
            clock.advance(DAY_MS);
            run.storage.sweep();
            for (int i = 0; i < 20; i++) {
                run.storage.merge(News.data("young" + i, RAW, clock.wallMs()));
            }
            Await.until("it works again", 10, () -> run.journal.problem().isEmpty());
            run.post(News.data("more", "raw", clock.wallMs()));
            run.end();
            Run again = new Run(sync);
            assertEquals(21, again.storage.size());
            again.end();
        }
    }

    /** Room comes little by little, and each bit takes some records further. */
    @ParameterizedTest
    @EnumSource(Journal.Sync.class)
    void aRecordIsWrittenOnceHoweverOftenTheDiskIsFull(Journal.Sync sync) throws Exception {
        try (SmallDisk small = new SmallDisk(dir, "24m")) {
            int filled = 20 << 20;
            small.fill(filled);
            Run run = new Run(sync);
            List<Data> all = new ArrayList<>();
            for (int i = 0; i < 60; i++) {
                all.add(News.data("id" + i, RAW, NOW + i));
                run.storage.merge(all.get(i));
            }
            Await.until("it is full", 10, () -> run.journal.problem().isPresent());
            // Those of the last write, of which not all found room, are in none.
            assertTrue(bytesOfFiles() > 0, () -> "nothing found room: " + log);
            while (run.journal.problem().isPresent()) {
                long failures = counters.get(Journal.FAILURES);
                filled -= 4 << 20;
                small.fill(Math.max(0, filled));
                Await.until("it tried again", 10, () -> run.journal.problem().isEmpty()
                        || counters.get(Journal.FAILURES) >= failures + 2);
            }
            assertEquals(Optional.empty(), run.journal.await(run.storage.lastArrival()));
            assertEquals(bytes(all), bytesOfFiles());
            assertEquals(bytes(all), counters.get(Journal.BYTES));
            run.end();
            Run again = new Run(sync);
            assertEquals(all, again.storage.list());
            again.end();
        }
    }

    @Test
    void oneThatDoesNotConfirmHasEachRecordTwiceAtMost() throws Exception {
        AtomicInteger failing = new AtomicInteger(3);
        disk = file -> {
            if (failing.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
                throw new IOException("no");
            }
            file.sync();
        };
        Run run = new Run(Journal.Sync.ALWAYS);
        Data data = News.data("id", RAW, NOW);
        run.storage.merge(data);
        for (int i = 1; i <= 3; i++) {
            int failures = i;
            Await.until("it failed", 10, () -> counters.get(Journal.FAILURES) == failures);
            assertTrue(files().size() <= 2, "" + files());
        }
        Await.until("it works again", 10, () -> run.journal.problem().isEmpty());
        assertEquals(Optional.empty(), run.journal.await(run.storage.lastArrival()));
        assertEquals(bytes(List.of(data)), Files.size(onlyFile()));
        assertEquals(4 * bytes(List.of(data)), counters.get(Journal.BYTES));
    }

    @Test
    void aFileThatCannotBeDeletedStopsNothing() throws Exception {
        Run run = new Run(Journal.Sync.ALWAYS);
        run.post(News.data("old", "raw", NOW));
        run.end();
        Path file = onlyFile();
        Run next = new Run(Journal.Sync.ALWAYS);
        Files.delete(file);
        Files.writeString(Files.createDirectory(file).resolve("child"), "in the way");
        next.pass(DAY_MS);
        for (int i = 0; i < 3; i++) {
            clock.advance(Journal.SYNC_MS);
            next.post(News.data("young" + i, "raw", clock.wallMs()));
        }
        assertEquals(Optional.empty(), next.journal.problem());
        assertEquals(1, said("cannot delete " + file, "ERROR"));
        Files.delete(file.resolve("child"));
        clock.advance(Journal.SYNC_MS);
        Await.until("it is deleted", 10, () -> !Files.exists(file));
    }
}
