package bcast.http.posting;

import static org.junit.jupiter.api.Assertions.assertEquals;

import bcast.base.Clock;
import bcast.base.Context;
import bcast.core.Core;
import bcast.eventbus.QueueEventBus;
import bcast.http.HttpModule;
import bcast.http.Networks;
import bcast.storage.Durability;
import bcast.storage.Storage;
import bcast.testing.Client;
import bcast.testing.Contexts;
import bcast.testing.News;
import bcast.testing.NoCluster;
import bcast.testing.Stores;
import bcast.validator.DigestValidator;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Posts that wait for the disk, and their answers when it makes no progress. */
final class SettleTest {

    private static final long DAY_MS = 86_400_000;
    private static final String BAD = "{\"id\":\"bad\",\"raw\":\"raw\",\"signature\":\"0\"}";

    private final AtomicInteger waits = new AtomicInteger();
    private final Durability durability = new Durability() {
        @Override
        public Optional<String> problem() {
            return Optional.empty();
        }

        @Override
        public Optional<String> await(long seq) {
            waits.incrementAndGet();
            return Optional.of("it hangs");
        }
    };
    private Core core;
    private HttpModule http;
    private Client client;

    @BeforeEach
    void start() throws Exception {
        Context context = Contexts.quiet(Clock.system());
        Storage storage = Stores.map(DAY_MS, 1_000, 1 << 20, context);
        core = new Core(DigestValidator.md5(), storage, durability, false,
                new QueueEventBus(context), new Core.Timing(1_000, 20_000), context);
        http = new HttpModule(new HttpModule.Settings(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 64, 1_000, 1 << 20,
                Set.of(), Optional.empty(), Networks.of(List.of()), false, Optional::empty,
                Optional.empty(), new HttpModule.Identity("0", "test", "md5")), core,
                storage, new NoCluster(), context);
        http.start();
        client = new Client("http://127.0.0.1:" + http.address().getPort());
    }

    @AfterEach
    void stop() {
        http.close();
        core.close();
    }

    private int status(String body) throws Exception {
        return client.send("POST", "/postNewData", body).statusCode();
    }

    @Test
    void whatIsRefusedAnywayDoesNotWait() throws Exception {
        assertEquals(422, status(BAD));
        assertEquals(0, waits.get());
        assertEquals(503, status(News.json("id", "raw")));
        assertEquals(409, status(News.json("id", "other")));
        assertEquals(1, waits.get());
        assertEquals(503, status(News.json("id", "raw")), "a duplicate gets the same promise");
        assertEquals(2, waits.get());
    }

    private String batch(String body) throws Exception {
        return client.send("POST", "/postNewData?answer=errors", body, "Content-Type",
                "application/x-ndjson").body();
    }

    @Test
    void aBatchWaitsOnceUnlessAllOfItIsRefused() throws Exception {
        batch(BAD + "\n" + BAD);
        assertEquals(0, waits.get());
        String answer = batch(BAD + "\n" + News.json("id", "raw") + "\n" + BAD);
        assertEquals(1, waits.get());
        assertEquals("{\"lines\":3,\"accepted\":0,\"exists\":0,\"failed\":3}",
                answer.substring(answer.lastIndexOf("{\"lines\"")).strip());
    }
}
