package bcast.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import bcast.testing.News;
import java.io.FileDescriptor;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What becomes of the names of the journal's files, on file systems good and bad. */
final class JournalNamesTest extends JournalRuns {

    private final List<Path> synced = new ArrayList<>();

    /** A disk that fails to make names safe, or does not. */
    private JournalFile.Disk names(Optional<IOException> failure) {
        return new JournalFile.Disk() {
            @Override
            public void sync(FileDescriptor file) throws IOException {
                file.sync();
            }

            @Override
            public void syncNames(Path names) throws IOException {
                synced.add(names);
                if (failure.isPresent()) {
                    throw failure.get();
                }
            }
        };
    }

    @Test
    void newDirectoriesAreAsSafeAsTheirFiles() throws Exception {
        disk = names(Optional.empty());
        Path given = dir;
        dir = given.resolve("a").resolve("b");
        Run run = new Run(Journal.Sync.ALWAYS);
        assertEquals(List.of(given, given.resolve("a"), dir), synced);
        run.post(News.data("id", "raw", NOW));
        assertEquals(List.of(given, given.resolve("a"), dir, dir), synced);
    }

    @Test
    void aFileSystemThatCannotSyncDirectoriesIsSaidOnceAndUsed() throws Exception {
        for (IOException each : List.of(new IOException("Invalid argument"),
                new IOException("Operation not supported"),
                new AccessDeniedException(dir.toString()))) {
            log.clear();
            disk = names(Optional.of(each));
            Run run = new Run(Journal.Sync.ALWAYS);
            run.post(News.data("id " + each.getMessage(), "raw", NOW));
            run.end();
            assertEquals(1, said("cannot sync the directory", "WARN"));
        }
    }

    @Test
    void aDiskThatFailsIsStillAnError() throws Exception {
        disk = names(Optional.of(new IOException("Input/output error")));
        Run run = new Run(Journal.Sync.ALWAYS);
        run.storage.merge(News.data("id", "raw", NOW));
        assertEquals(Optional.of("cannot write to " + dir + ": Input/output error"),
                run.journal.await(run.storage.lastArrival()));
        run.end();
        dir = dir.resolve("new");
        assertThrows(IOException.class, () -> new Run(Journal.Sync.ALWAYS));
    }
}
