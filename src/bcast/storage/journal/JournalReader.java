package bcast.storage.journal;

import bcast.base.Clock;
import bcast.base.FileFault;
import bcast.base.Log;
import bcast.data.Data;
import bcast.data.Retention;
import bcast.storage.Storage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** Stores the records of the journal's files when the node starts. Used once. */
final class JournalReader {

    private static final int PROGRESS_EVERY = 100_000;

    private final JournalDir dir;
    private final Storage storage;
    private final Function<Data, Optional<Data>> judge;
    private final Retention retention;
    private final Clock clock;
    private final Log log;
    private final FrameReader frames = new FrameReader();
    private long records;
    private long expired;
    private long invalid;
    private long noRoom;
    private long newestMs;

    JournalReader(JournalDir dir, Storage storage, Function<Data, Optional<Data>> judge,
            Clock clock, Log log) {
        this.dir = dir;
        this.storage = storage;
        this.judge = judge;
        this.retention = new Retention(storage.retentionMs());
        this.clock = clock;
        this.log = log;
    }

    /** Reads all files. Returns those that could be read. */
    List<Path> read() throws IOException {
        long beganMs = clock.steadyMs();
        List<Path> read = new ArrayList<>();
        for (Path each : dir.files()) {
            try {
                read(each);
                read.add(each);
            } catch (IOException e) {
                log.error("journal: cannot read all of " + each + ", so records are missing: "
                        + FileFault.why(e));
                keepUnread(each);
            }
        }
        if (!read.isEmpty()) {
            log.info("journal: " + storage.size() + " records in " + read.size()
                    + " files read in " + (clock.steadyMs() - beganMs) + " ms; " + expired
                    + " more have expired");
        }
        leftOut();
        return read;
    }

    /** The latest timestamp of the records that were valid and had not expired; 0 if none was. */
    long newestMs() {
        return newestMs;
    }

    private void leftOut() {
        if (invalid > 0) {
            log.warn("journal: " + invalid + " records are left out because the validator refuses "
                    + "them; check whether -validator or its keys have changed");
        }
        if (noRoom > 0) {
            log.warn("journal: no room in memory for " + noRoom
                    + " records; they stay on disk; raise -maxbytes");
        }
    }

    private void read(Path path) throws IOException {
        FrameReader.Content content;
        try (InputStream file = Files.newInputStream(path)) {
            content = frames.read(file, JournalFile.salt(path), this::restore);
        }
        if (content.damaged() > 0) {
            log.error("journal: " + path + " is damaged in " + content.damaged()
                    + " places; the other " + content.records() + " records are read");
        }
        long rest = content.bytes() - content.end();
        if (rest > 0) {
            log.warn("journal: the last " + rest + " bytes of " + path + " are not a whole record");
        }
        if (content.records() > 0) {
            dir.complete(path, content.newestMs());
        } else {
            keepUnread(path);
        }
    }

    /** Keeps an unreadable file for a whole retention from now on. */
    private void keepUnread(Path path) {
        dir.complete(path, clock.wallMs());
    }

    private void restore(Data data) {
        if (++records % PROGRESS_EVERY == 0) {
            log.info("journal: " + records + " records read so far");
        }
        if (retention.expired(data.timestamp(), clock.wallMs())) {
            expired++;
            return;
        }
        Optional<Data> valid = judge.apply(data);
        if (valid.isEmpty()) {
            invalid++;
            return;
        }
        newestMs = Math.max(newestMs, data.timestamp());
        if (storage.restore(valid.get()) instanceof Storage.Change.Full) {
            noRoom++;
        }
    }
}
