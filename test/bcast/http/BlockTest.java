package bcast.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.base.Clock;
import bcast.base.Counters;
import bcast.base.Log;
import bcast.core.Core;
import bcast.eventbus.QueueEventBus;
import bcast.storage.Durability;
import bcast.storage.MapStorage;
import bcast.testing.News;
import bcast.validator.DigestValidator;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class BlockTest {

    private static final long DAY_MS = 86_400_000;

    private final Clock clock = Clock.system();
    private final BiConsumer<String, Throwable> fault = (thread, e) -> {};
    private final Log log = new Log(Log.Level.INFO, clock, line -> {});
    private final MapStorage storage = new MapStorage(DAY_MS, 1_000, 1 << 20, News.KEY, News.KEY,
            clock, log, fault);
    private final Core core = new Core(DigestValidator.md5(), storage, Durability.NONE, false,
            new QueueEventBus(new Counters()), clock, log, new Counters(),
            new Core.Timing(DAY_MS, 1_000, 20_000), fault);
    private final Block block = new Block(core);

    @AfterEach
    void stop() {
        core.close();
    }

    private void add(String id, String raw, int length) {
        block.add(block.lines().size() + 1, Optional.empty(),
                core.judge(News.data(id, raw, 0)), length);
    }

    private List<String> codes() {
        return block.lines().stream().map(line -> line.reply().code()).toList();
    }

    @Test
    void isFullByLinesAndByBytes() {
        for (int i = 1; i < Block.MAX_LINES; i++) {
            add("id" + i, "raw", 1);
        }
        assertFalse(block.full());
        add("last", "raw", 1);
        assertTrue(block.full());
        block.clear();
        add("large", "raw", Block.MAX_BYTES - 1);
        assertFalse(block.full());
        add("small", "raw", 1);
        assertTrue(block.full());
        block.clear();
        assertFalse(block.full());
    }

    @Test
    void storesEachLineOnceAndInOrder() {
        add("a", "1", 1);
        block.add(2, Optional.empty(), Reply.of(new HttpError(400, "malformed", "no JSON")));
        add("a", "1", 1);
        block.store();
        add("a", "2", 1);
        block.store();
        assertEquals(List.of("ok", "malformed", "exists", "conflict"), codes());
        assertEquals(1, storage.size());
    }

    @Test
    void storesHereIfNoThreadIsFree() {
        add("a", "1", 1);
        block.storeOn(task -> {
            throw new RejectedExecutionException();
        });
        block.await();
        assertEquals(List.of("ok"), codes());
    }

    @Test
    void whoWaitsIsToldOfAFault() {
        List<Runnable> tasks = new ArrayList<>();
        block.add(1, Optional.empty(), null, 1);
        block.storeOn(tasks::add);
        tasks.get(0).run();
        assertThrows(CompletionException.class, block::await);
    }
}
