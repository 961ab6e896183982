package bcast.storage;

import bcast.base.Clock;
import bcast.base.Log;
import bcast.data.Data;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.function.Consumer;

/** Brings what the journal's files hold into a store. */
final class JournalReader implements Consumer<Data> {

    private static final int PROGRESS_EVERY = 100_000;

    private final JournalDir dir;
    private final Storage storage;
    private final long retentionMs;
    private final Clock clock;
    private final Log log;
    private long records;
    private long noRoom;

    JournalReader(JournalDir dir, Storage storage, long retentionMs, Clock clock, Log log) {
        this.dir = dir;
        this.storage = storage;
        this.retentionMs = retentionMs;
        this.clock = clock;
        this.log = log;
    }

    /** Reads all files. */
    void read() throws IOException {
        long beganMs = clock.steadyMs();
        List<Path> files = dir.files();
        for (Path each : files) {
            read(each, each.equals(files.get(files.size() - 1)));
        }
        if (!files.isEmpty()) {
            log.info("journal: " + storage.size() + " records in " + files.size()
                    + " files read in " + (clock.steadyMs() - beganMs) + " ms");
        }
        if (noRoom > 0) {
            log.warn("journal: no room in memory for " + noRoom
                    + " records; they stay on disk; give more by -maxbytes");
        }
    }

    private void read(Path path, boolean last) throws IOException {
        byte[] bytes = Files.readAllBytes(path);
        Frames.Content content = Frames.read(bytes, JournalFile.salt(path), this);
        if (content.damaged() > 0) {
            log.error("journal: " + path + " is damaged in " + content.damaged()
                    + " places; the other " + content.records() + " records are read");
        }
        int rest = bytes.length - content.end();
        if (rest > 0) {
            log.warn("journal: the last " + rest + " bytes of " + path + " are no whole record"
                    + (last ? " and are cut off" : ""));
        }
        if (rest > 0 && last) {
            try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
                channel.truncate(content.end());
            }
        }
        // What cannot be read is kept as long as what was written just now.
        dir.complete(path, content.records() > 0 ? content.newestMs() : clock.wallMs());
    }

    /** Takes records as they are read. */
    @Override
    public void accept(Data data) {
        if (data.timestamp() + retentionMs <= clock.wallMs()) {
            return;
        }
        if (storage.merge(data) instanceof Storage.Change.Full) {
            noRoom++;
        }
        if (++records % PROGRESS_EVERY == 0) {
            log.info("journal: " + records + " records read so far");
        }
    }
}
