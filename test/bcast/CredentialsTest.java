package bcast;

import static org.junit.jupiter.api.Assertions.assertEquals;

import bcast.base.Log;
import bcast.base.WatchedFile;
import bcast.testing.Await;
import bcast.testing.Contexts;
import bcast.testing.TestClock;
import bcast.validator.Ed25519Validator;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PublicKey;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CredentialsTest {

    private static final String KEY = Base64.getEncoder().encodeToString(new byte[32]) + "\n";

    @TempDir
    Path dir;

    @Test
    void onlyTheThreadOfFilesReadsThem() throws Exception {
        TestClock clock = TestClock.standing(0);
        Config config = Config.of();
        List<String> faults = new CopyOnWriteArrayList<>();
        Credentials files = new Credentials(config,
                Contexts.logging(clock, Log.Level.ERROR, faults::add));
        Path path = Files.writeString(dir.resolve("keys"), KEY);
        List<String> changedBy = new CopyOnWriteArrayList<>();
        WatchedFile<List<PublicKey>> keys =
                files.watched(path, "-validator", Ed25519Validator::keys);
        keys.whenChanged(() -> changedBy.add(Thread.currentThread().getName()));
        Files.writeString(path, KEY + KEY);
        clock.advance(60_000);
        assertEquals(1, keys.value().size(), "a judge of records must not wait for the disk");
        files.start();
        try {
            Await.until("the change is seen", 10, () -> !changedBy.isEmpty());
        } finally {
            files.stop();
        }
        assertEquals(2, keys.value().size());
        assertEquals(List.of("files"), changedBy);
        assertEquals(List.of(), faults);
    }
}
