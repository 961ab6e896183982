package bcast.base;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.testing.TestClock;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class WatchedFileTest {

    @TempDir
    Path dir;

    private final TestClock clock = TestClock.standing(0);
    private final List<String> log = new ArrayList<>();
    private Path file;
    private boolean unreadable;
    private int reads;

    @BeforeEach
    void write() throws IOException {
        file = Files.writeString(dir.resolve("number"), "1");
    }

    private WatchedFile<Integer> watched() throws IOException {
        return new WatchedFile<>(file, WatchedFileTest::parse,
                new Log(Log.Level.INFO, clock, line -> log.add(line.substring(25))), path -> {
                    if (unreadable) {
                        throw new AccessDeniedException(path.toString());
                    }
                    reads++;
                    return Files.readAllBytes(path);
                });
    }

    private static int parse(byte[] content) {
        try {
            return Integer.parseInt(new String(content, StandardCharsets.UTF_8));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("no number", e);
        }
    }

    @Test
    void aChangeIsSeenAtTheNextLook() throws IOException {
        WatchedFile<Integer> watched = watched();
        Files.writeString(file, "22");
        assertEquals(1, watched.value());
        watched.look();
        assertEquals(22, watched.value());
        watched.look();
        assertEquals(22, watched.value());
        assertEquals(List.of("INFO  " + file + " was read again"), log);
    }

    @Test
    void whatCannotBeReadChangesNothingAndIsSaidOnce() throws IOException {
        WatchedFile<Integer> watched = watched();
        Files.writeString(file, "many");
        for (int i = 0; i < 3; i++) {
            watched.look();
            assertEquals(1, watched.value());
        }
        assertEquals(List.of("WARN  cannot use " + file
                + ": no number; its previous content stays in force"), log);
        Files.delete(file);
        for (int i = 0; i < 3; i++) {
            watched.look();
            assertEquals(1, watched.value());
        }
        assertEquals(2, log.size());
        Files.writeString(file, "333");
        watched.look();
        assertEquals(333, watched.value());
        assertEquals(3, log.size());
    }

    @Test
    void whatBecomesReadableWithoutAChangeIsRead() throws IOException {
        WatchedFile<Integer> watched = watched();
        Files.writeString(file, "22");
        unreadable = true;
        for (int i = 0; i < 3; i++) {
            watched.look();
            assertEquals(1, watched.value());
        }
        unreadable = false;
        for (int i = 0; i < 3; i++) {
            watched.look();
            assertEquals(22, watched.value());
        }
        assertEquals(List.of("WARN  cannot use " + file + ": " + file
                + ": permission denied; its previous content stays in force",
                "INFO  " + file + " was read again"),
                log);
    }

    @Test
    void aFileThatGoesAndComesBackAsItWasIsTheSame() throws IOException {
        WatchedFile<Integer> watched = watched();
        Path away = dir.resolve("away");
        for (int i = 1; i <= 2; i++) {
            Files.move(file, away);
            watched.look();
            assertEquals(1, watched.value());
            assertEquals(i, log.size(), "said each time it goes");
            Files.move(away, file);
            watched.look();
            assertEquals(1, watched.value());
        }
        assertEquals(2, log.size());
    }

    @Test
    void readingAgainTellsWhetherItChanged() throws IOException {
        WatchedFile<Integer> watched = watched();
        List<Integer> told = new ArrayList<>();
        watched.whenChanged(() -> told.add(watched.value()));
        assertFalse(watched.readAgain());
        FileTime written = Files.getLastModifiedTime(file);
        Files.writeString(file, "2");
        Files.setLastModifiedTime(file, written);
        assertTrue(watched.readAgain(), "though neither time nor length changed");
        assertEquals(2, watched.value());
        Files.writeString(file, "many");
        assertFalse(watched.readAgain());
        Files.delete(file);
        assertFalse(watched.readAgain());
        assertEquals(2, watched.value());
        assertEquals(List.of(2), told);
        assertEquals(List.of("INFO  " + file + " was read again", "WARN  cannot use " + file
                + ": no number; its previous content stays in force", "WARN  cannot use " + file
                + ": " + file + ": no such file or directory; its previous content stays in force"),
                log);
    }

    @Test
    void aListenerFindsTheNewValueInForce() throws IOException {
        WatchedFile<Integer> watched = watched();
        List<Integer> found = new ArrayList<>();
        watched.whenChanged(() -> found.add(watched.value()));
        Files.writeString(file, "22");
        watched.look();
        assertEquals(List.of(22), found);
    }

    @Test
    void aFileThatIsTouchedIsTheSame() throws IOException {
        WatchedFile<Integer> watched = watched();
        Files.setLastModifiedTime(file, FileTime.fromMillis(1));
        watched.look();
        assertEquals(1, watched.value());
        assertEquals(List.of(), log);
    }

    @Test
    void aVersionThatIsTooLongIsReadOnceAndReported() throws IOException {
        WatchedFile<Integer> watched = watched();
        for (int version = 1; version <= 2; version++) {
            Files.write(file, new byte[WatchedFile.MAX_BYTES + version]);
            for (int i = 0; i < 3; i++) {
                watched.look();
            }
            assertEquals(1 + version, reads);
            assertEquals(version, log.size());
        }
        assertEquals(1, watched.value());
    }

    @Test
    void theFirstReadMustSucceed() throws IOException {
        Files.write(file, new byte[WatchedFile.MAX_BYTES]);
        assertEquals("no number",
                assertThrows(IllegalArgumentException.class, this::watched).getMessage());
        Files.write(file, new byte[WatchedFile.MAX_BYTES + 1]);
        assertEquals("it is longer than 65536 bytes",
                assertThrows(IllegalArgumentException.class, this::watched).getMessage());
        Files.delete(file);
        assertThrows(IOException.class, this::watched);
    }
}
