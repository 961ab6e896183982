/**
 * Makes the stores of two nodes equal, whatever pushes missed: rateless set reconciliation (Yang,
 * Gilad, Alizadeh, SIGCOMM 2024). {@link bcast.cluster.gossip.repair.Repair} is the way in. A round
 * is one conversation on one link, in which records go both ways:
 *
 * <pre>
 *  initiator       responder           when                                 answer read by
 *  AskAll          Push..., Answered   no records here: until all came      RoundInitiator
 *  Compare         Same, or Cells      always; no cells: turned away        Comparison
 *  AskCells        Cells               until they show the difference       Comparison
 *  Summary         Differ              no sketch shows it, or none is made  Comparison
 *  AskHashes       Hashes              for each page of such a bucket       BucketWalk
 *  AskRecords      Push..., Answered   for records that are missing here    RoundInitiator
 *  Offer           Want                for records that seem missing there  RoundInitiator
 *  Push..., Given  Taken               for those of them that are missing   RoundInitiator
 *  Done            (nothing)           the responder lacks no record
 * </pre>
 *
 * <p>RoundResponder reads all that the initiator sends. Words:
 *
 * <ul>
 *   <li>Neighbours push records to each other; a visit is a link for one round. In a mesh all nodes
 *       are neighbours, and each sends all others what its clients posted.
 *   <li>A neighbour is paused, and gets no pushes, while it catches up after its backlog was lost.
 *   <li>A responder turns an initiator away while one of the two gets records otherwise: the
 *       responder is being filled by AskAll, or has the initiator catch up.
 *   <li>A record under judgement has arrived, and is neither stored nor refused yet.
 *   <li>The store keeps the prefix sketch up to date. The large sketch, of which the prefix is the
 *       beginning, is made by a walk over all records.
 *   <li>{@code link.store()} is the store of this node, hashing by the key of the link.
 *   <li>The state in a PerLink goes with the link; any other is removed when the link is gone.
 * </ul>
 */
package bcast.cluster.gossip.repair;
