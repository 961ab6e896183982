/**
 * The top floor, the only one that names implementations. {@link bcast.Main} constructs the modules
 * by hand, {@link bcast.Node} starts and stops them, {@link bcast.Launcher} is the process around
 * it; {@link bcast.Config} and {@link bcast.Credentials} have what the command line requests.
 *
 * <table>
 * <caption>Threads</caption>
 * <tr><th>name</th><th>owns</th><th>may block on</th></tr>
 * <tr><td>main</td><td>start; then waits for a fault</td><td>anything</td></tr>
 * <tr><td>log</td><td>standard error, where log and access log go</td><td>the reader of
 * standard error</td></tr>
 * <tr><td>http-N, or virtual</td><td>one request each</td><td>its client, until a
 * deadline; a full queue of the bus never</td></tr>
 * <tr><td>http-batch-N, at most one a processor</td><td>delivery of the records of a long batch
 * while its request's thread reads the next</td><td>nothing</td></tr>
 * <tr><td>HTTP-Dispatcher</td><td>the JDK server's selector</td><td>nothing</td></tr>
 * <tr><td>http-watchdog</td><td>request deadlines</td><td>its pauses; the lists of the system's
 * sockets and of arrivals</td></tr>
 * <tr><td>core</td><td>judging of peers' records, in the order of arrival</td><td>its
 * queue</td></tr>
 * <tr><td>core-interval</td><td>the broadcast of all data each interval</td><td>nothing but its
 * pauses</td></tr>
 * <tr><td>storage-sweeper</td><td>deletion of what expired; sums by new keys</td>
 * <td>nothing but its pauses</td></tr>
 * <tr><td>files</td><td>looks at files of keys, tokens and secrets</td><td>the disk</td></tr>
 * <tr><td>journal</td><td>the files of news</td><td>the disk</td></tr>
 * <tr><td>cluster</td><td>all links, multicast, timers and the gossip state</td><td>its
 * selector; the core's queue while that is full</td></tr>
 * <tr><td>cluster-interfaces</td><td>nothing; lists the interfaces every 3 s</td><td>the
 * system</td></tr>
 * <tr><td>cluster-lookup-N, at most 8</td><td>the lookup of one name in -peers</td><td>name
 * servers</td></tr>
 * <tr><td>cluster-peer-lookup-N, at most 2</td><td>the lookup of one name that a peer
 * advertises</td><td>name servers</td></tr>
 * <tr><td>shutdown</td><td>the order of stopping</td><td>the above, at most 15 s in
 * all</td></tr>
 * </table>
 */
package bcast;
