package bcast.storage.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.base.StartException;
import bcast.data.Data;
import bcast.storage.Storage;
import bcast.testing.Await;
import bcast.testing.News;
import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class JournalTest extends JournalRuns {

    /** Writes some records, each of another length, and ends. */
    private List<Data> written(int count) throws Exception {
        Run run = new Run(Journal.Sync.NEVER);
        List<Data> written = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            written.add(News.data("id" + i, "raw".repeat(1 + i % 7), NOW + i));
            run.post(written.get(i));
        }
        run.end();
        return written;
    }

    @ParameterizedTest
    @EnumSource(Journal.Sync.class)
    void whatWasStoredIsThereAgain(Journal.Sync sync) throws Exception {
        Run first = new Run(sync);
        for (int i = 0; i < 100; i++) {
            first.post(News.data("id" + i, "raw" + i, NOW + i));
        }
        Data winner = News.data("id7", "earlier", NOW - 5);
        assertTrue(first.storage.merge(winner) instanceof Storage.Change.Replaced);
        List<Data> held = first.storage.list();
        first.end();
        Run second = new Run(sync);
        assertEquals(held, second.storage.list());
        second.post(News.data("more", "raw", NOW));
        second.end();
        Run third = new Run(sync);
        assertEquals(101, third.storage.size());
        assertEquals(Optional.of(winner), third.storage.get("id7"));
        assertFalse(said("ERROR") || said("WARN"), log::toString);
    }

    @Test
    void aWrittenRecordIsThereThoughNobodyCloses() throws Exception {
        Run run = new Run(Journal.Sync.INTERVAL);
        for (int i = 0; i < 50; i++) {
            Data data = News.data("id" + i, "raw", NOW);
            run.post(data);
            byte[] bytes = Files.readAllBytes(onlyFile());
            List<Data> read = new ArrayList<>();
            new FrameReader().read(new ByteArrayInputStream(bytes),
                    JournalFile.salt(onlyFile()), read::add);
            assertEquals(data, read.get(i));
        }
    }

    @Test
    void oneThatIsCutAtAnyByteOfItsLastRecordLosesThatRecordOnly() throws Exception {
        List<Data> all = written(20);
        Path file = onlyFile();
        byte[] bytes = Files.readAllBytes(file);
        int last = bytes.length - Frames.length(all.get(19));
        for (int length = last; length < bytes.length; length++) {
            Files.write(file, Arrays.copyOf(bytes, length));
            Run run = new Run(Journal.Sync.NEVER);
            assertEquals(all.subList(0, 19), run.storage.list(), "cut at " + length);
            assertEquals(length, Files.size(file), "what was there is not touched");
            assertEquals(length > last, said("are not a whole record"));
            run.end();
            log.clear();
        }
    }

    @Test
    void aByteThatFlipsCostsItsRecordOnly() throws Exception {
        List<Data> all = written(50);
        Path file = onlyFile();
        byte[] bytes = Files.readAllBytes(file);
        for (int i = 0; i < 1_000; i++) {
            int at = random.nextInt(bytes.length);
            byte[] flipped = bytes.clone();
            flipped[at] ^= (byte) (1 + random.nextInt(255));
            Files.write(file, flipped);
            Run run = new Run(Journal.Sync.NEVER);
            Set<Data> read = new HashSet<>(run.storage.list());
            assertEquals(49, read.size(), "flipped at " + at);
            assertTrue(all.containsAll(read), "flipped at " + at);
            assertTrue(said("is damaged in 1 places") || said("are not a whole record"),
                    log::toString);
            run.end();
            log.clear();
        }
    }

    @Test
    void aFileOfNoiseHarmsNoOther() throws Exception {
        List<Data> all = written(10);
        byte[] noise = new byte[100_000];
        random.nextBytes(noise);
        Files.write(dir.resolve("news-000000000000-0000000000000001.journal"), noise);
        Files.write(dir.resolve("notes.txt"), noise);
        assertEquals(all, new Run(Journal.Sync.NEVER).storage.list());
        assertTrue(said("the last 100000 bytes"));
    }

    @Test
    void aRecordThatLooksLikeAFrameIsOne() throws Exception {
        Run run = new Run(Journal.Sync.NEVER);
        Data largest = News.data("largest", "\u0001".repeat(Data.MAX_RAW_BYTES), NOW);
        run.post(largest);
        run.post(News.data("small", "raw", NOW));
        run.end();
        assertEquals(2, new Run(Journal.Sync.NEVER).storage.size());
    }

    @Test
    void filesAreBoundedAndDeletedOnceAllInThemHasExpired() throws Exception {
        Run run = new Run(Journal.Sync.INTERVAL);
        String raw = "x".repeat(Data.MAX_RAW_BYTES);
        for (int i = 0; i < 20; i++) {
            run.post(News.data("old" + i, raw, NOW));
        }
        run.pass(DAY_MS / 2);
        run.post(News.data("young", "raw", clock.wallMs()));
        assertEquals(3, files().size());
        for (Path file : files()) {
            assertTrue(Files.size(file) <= JournalWriter.FILE_BYTES + Frames.MAX_BYTES);
        }
        clock.advance(DAY_MS / 2);
        Await.until("the old files are gone", 10, () -> files().size() == 1);
        run.end();
        Run again = new Run(Journal.Sync.INTERVAL);
        assertEquals(1, again.storage.size());
        clock.advance(DAY_MS / 2 + Journal.SYNC_MS);
        Await.until("nothing is left", 10, () -> files().isEmpty());
    }

    @Test
    void twoNodesDoNotShareADirectory() throws Exception {
        Run run = new Run(Journal.Sync.NEVER);
        StartException e =
                assertThrows(StartException.class, () -> new Run(Journal.Sync.NEVER));
        assertEquals("cannot keep records in " + dir + ": another node uses it; see -datadir",
                e.getMessage());
        run.end();
        new Run(Journal.Sync.NEVER);
    }

    @Test
    void whileTheDiskFailsNothingIsPromisedAndNothingIsLost() throws Exception {
        Run run = new Run(Journal.Sync.INTERVAL);
        run.post(News.data("before", "raw", NOW));
        run.journal.close();
        Path away = dir.resolveSibling(dir.getFileName() + "-away");
        Run next = new Run(Journal.Sync.ALWAYS);
        Files.move(dir, away);
        next.storage.merge(News.data("meanwhile", "raw", NOW));
        String why = next.journal.await(next.storage.lastArrival()).orElseThrow();
        assertTrue(why.startsWith("cannot write to " + dir), why);
        assertEquals(Optional.of(why), next.journal.problem());
        assertTrue(counters.get(Journal.FAILURES) > 0);
        Files.move(away, dir);
        Await.until("it works again", 10, () -> next.journal.problem().isEmpty());
        next.post(News.data("after", "raw", NOW));
        next.end();
        assertEquals(3, new Run(Journal.Sync.NEVER).storage.size());
        assertTrue(said("works again"));
    }

    @Test
    void aClockThatJumpsWhileTheDiskFailsHidesNothingFromIt() throws Exception {
        Run run = new Run(Journal.Sync.ALWAYS);
        Path away = dir.resolveSibling(dir.getFileName() + "-away");
        Files.move(dir, away);
        Data data = News.data("meanwhile", "raw", NOW);
        run.storage.merge(data);
        assertTrue(run.journal.await(run.storage.lastArrival()).isPresent());
        clock.jump(2 * DAY_MS);
        Files.move(away, dir);
        Await.until("it works again", 10, () -> run.journal.problem().isEmpty());
        clock.jump(-2 * DAY_MS);
        run.end();
        assertEquals(List.of(data), new Run(Journal.Sync.NEVER).storage.list());
    }
}
