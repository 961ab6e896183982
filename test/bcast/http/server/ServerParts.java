package bcast.http.server;

import bcast.base.Context;
import bcast.base.Counters;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.util.concurrent.ExecutorService;

/** Parts of the server for tests in other packages. */
public final class ServerParts {

    private ServerParts() {}

    /** Sets the properties of the JDK's server, and returns threads as a node's. */
    public static ExecutorService threads() throws IllegalAccessException {
        MethodHandles.lookup().ensureInitialized(Listener.class);
        return RequestThreads.forRequests(RequestServer.MAX_CONNECTIONS + 1);
    }

    /** A post of a whole body; its answer's beginning is reported. */
    public static Call post(byte[] body, MemoryBudget bodies, Runnable answering,
            Context context) {
        Deadlines deadlines = new Deadlines(Runnable::run,
                new RequestSlots(1, context.clock(), new Counters()), context.clock(),
                context.fault());
        HttpExchange exchange = new FakeExchange("/postNewData", body, answering);
        return new Call(exchange, new ClientAddress(proxy -> false, context.counters()),
                deadlines.current(), bodies, MemoryBudget.ofAnswers(1 << 20),
                new SendQueues(2, context.clock()));
    }

    /** Answers with an error. */
    public static void answer(Call call, HttpError error) throws IOException {
        call.answerError(error);
    }

    /** The status answered. */
    public static int status(Call call) {
        return call.status();
    }

    /** Number of addresses that hold memory. */
    public static int addresses(MemoryBudget budget) {
        return budget.addresses();
    }
}
