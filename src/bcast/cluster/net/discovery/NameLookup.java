package bcast.cluster.net.discovery;

import bcast.base.FaultHandler;
import bcast.base.Worker;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;

/**
 * Looks up host names, which takes minutes if name servers do not answer. Each name has a thread,
 * so that it does not delay the others, up to a maximum of threads, which are started when they
 * are needed. Owned by the cluster's thread.
 */
public final class NameLookup {

    interface Resolver {
        InetAddress[] addresses(String name) throws UnknownHostException;
    }

    private record Question(String name, Consumer<List<InetAddress>> answer) {}

    private final String threads;
    private final int maxThreads;
    private final int maxNames;
    private final Resolver resolver;
    private final FaultHandler fault;
    private final Executor later;
    private final Set<String> asked = new HashSet<>();
    private final BlockingQueue<Question> questions = new LinkedBlockingQueue<>();
    private final List<Worker> workers = new ArrayList<>();

    /**
     * No name is looked up yet.
     *
     * @param threads prefix of the threads' names
     * @param maxNames most names that are looked up or wait
     * @param later runs a task on the cluster's thread
     */
    public NameLookup(String threads, int maxThreads, int maxNames, Executor later,
            FaultHandler fault) {
        this(threads, maxThreads, maxNames, InetAddress::getAllByName, later, fault);
    }

    NameLookup(String threads, int maxThreads, int maxNames, Resolver resolver, Executor later,
            FaultHandler fault) {
        this.threads = threads;
        this.maxThreads = maxThreads;
        this.maxNames = maxNames;
        this.resolver = resolver;
        this.later = later;
        this.fault = fault;
    }

    /**
     * Looks up a name. The answer has all addresses found, none for an unknown name. Returns false
     * if none will follow: the name is being looked up already, or too many names are.
     */
    public boolean ask(String name, Consumer<List<InetAddress>> answer) {
        if (asked.size() >= maxNames || !asked.add(name)) {
            return false;
        }
        questions.add(new Question(name, answer));
        if (workers.size() < Math.min(maxThreads, asked.size())) {
            Worker worker = new Worker(threads + "-" + (workers.size() + 1), this::work, fault);
            workers.add(worker);
            worker.start();
        }
        return true;
    }

    private void work() throws InterruptedException {
        while (true) {
            Question question = questions.take();
            List<InetAddress> found = new ArrayList<>();
            try {
                found.addAll(List.of(resolver.addresses(question.name())));
            } catch (UnknownHostException e) {
                // An unknown name has no address.
            }
            later.execute(() -> {
                asked.remove(question.name());
                question.answer().accept(found);
            });
        }
    }

    /** Ends each thread as soon as its current lookup is finished. */
    public void stop() {
        workers.forEach(Worker::interrupt);
    }
}
