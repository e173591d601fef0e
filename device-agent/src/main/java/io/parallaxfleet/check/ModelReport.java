package io.parallaxfleet.check;

import io.parallaxfleet.partition.Region;
import io.parallaxfleet.partition.Verdict;
import io.parallaxfleet.rewrite.RewrittenModel;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What there is to know about a model before it runs. Estimates follow the plans; only how long planning took is measured.
 *
 * @param model short name
 * @param modelHash SHA-256 of the file
 * @param shapeKey bound input shapes
 * @param size what the optimised graph holds
 * @param support what was taken for the accelerator's operators
 * @param policy the thresholds that judged
 * @param structures the graph's structure without delegation, with everything supported delegated, and after pruning
 * @param bodies the sub-graphs of control-flow operators, outer ones before those inside them
 * @param planning how the engine plans the model, layers side by side where the paper's refinement allows it
 * @param rewrites what rewriting for the CPU would change; the engine runs it where it proves faster on the device
 * @param coverage one entry for each operator type, the most frequent first
 * @param regions one for each candidate region
 * @param dynamicTensors tensors whose shape only the run decides, in the order they are written
 * @param findings what keeps work off the accelerator, and what to do about it
 */
record ModelReport(
        String model,
        String modelHash,
        String shapeKey,
        Size size,
        String support,
        String policy,
        List<PlanStructure> structures,
        List<Body> bodies,
        Planning planning,
        List<RewrittenModel.Application> rewrites,
        List<Coverage> coverage,
        List<Judgement> regions,
        List<String> dynamicTensors,
        List<Finding> findings) {
    ModelReport {
        structures = List.copyOf(structures);
        bodies = List.copyOf(bodies);
        rewrites = List.copyOf(rewrites);
        coverage = List.copyOf(coverage);
        regions = List.copyOf(regions);
        dynamicTensors = List.copyOf(dynamicTensors);
        findings = List.copyOf(findings);
    }

    /**
     * A sub-graph of a control-flow operator, planned as a model of its own.
     *
     * @param name the way to it: operators and the attributes that hold it
     * @param runs who runs it
     * @param structures as of a model, without delegation and after pruning; empty where it cannot stand alone
     * @param coverage as of a model
     * @param regions as of a model
     */
    record Body(String name, String runs, List<PlanStructure> structures, List<Coverage> coverage, List<Judgement> regions) {
        Body {
            structures = List.copyOf(structures);
            coverage = List.copyOf(coverage);
            regions = List.copyOf(regions);
        }
    }

    /**
     * @param threads CPU threads that it was planned for
     * @param steps what the executor would run as one piece each
     * @param sideBySide layers whose CPU branches share the threads, in order
     * @param nanos how long the plan took, the first in this process, sub-graphs included; no session is opened for it
     */
    record Planning(int threads, int steps, List<SharedLayer> sideBySide, long nanos) {
        Planning {
            sideBySide = List.copyOf(sideBySide);
        }
    }

    /** @param shares one for each branch of the layer on the CPU */
    record SharedLayer(int layer, List<Share> shares) {
        SharedLayer {
            shares = List.copyOf(shares);
        }
    }

    /** A branch, its estimated work and the threads that it has. */
    record Share(String branch, long macs, int threads) {}

    /**
     * A candidate region.
     *
     * @param verdict of the thresholds that were asked for
     * @param breakEven what exact break-even with the paper's constants says of the same region
     */
    record Judgement(Verdict verdict, Verdict breakEven) {
        Region region() {
            return verdict.region();
        }

        boolean kept() {
            return verdict instanceof Verdict.Kept;
        }
    }

    /**
     * @param nodes operators at the top level
     * @param controlFlow of them, those that hold sub-graphs
     * @param macs estimated multiply-accumulates of one run
     * @param constantBytes bytes of the top-level initialisers
     * @param dynamicTensors tensors whose shape only the run decides
     */
    record Size(int nodes, long controlFlow, long macs, long constantBytes, long dynamicTensors) {}

    /**
     * How far the accelerator covers an operator type.
     *
     * @param operator type, with its domain unless that is the standard one
     * @param count operators of the type
     * @param eligible of them, those that may be in a region
     * @param delegated of these, those in a region that goes to the accelerator; all others run on the CPU
     * @param macs their estimated work, eligible or not
     * @param refusals why the others may not, by number of operators
     */
    record Coverage(String operator, int count, int eligible, int delegated, long macs, Map<String, Integer> refusals) {
        Coverage {
            refusals = new TreeMap<>(refusals);
        }
    }

    /** Share of the operators that may be in a region, in [0, 1]. */
    double coveredOperators() {
        int eligible = coverage.stream().mapToInt(Coverage::eligible).sum();
        return size.nodes() == 0 ? 0 : (double) eligible / size.nodes();
    }

    /** Share of the operators that go to the accelerator, in [0, 1]. */
    double delegatedOperators() {
        int delegated = coverage.stream().mapToInt(Coverage::delegated).sum();
        return size.nodes() == 0 ? 0 : (double) delegated / size.nodes();
    }

    /** Share of the work in candidate regions, in [0, 1]. */
    double coveredMacs() {
        return share(regions.stream().map(Judgement::region).mapToLong(Region::macs).sum());
    }

    /** Share of the work in regions that pass the thresholds, in [0, 1]. */
    double delegatedMacs() {
        return share(regions.stream().filter(Judgement::kept).map(Judgement::region).mapToLong(Region::macs).sum());
    }

    private double share(long macs) {
        return size.macs() == 0 ? 0 : (double) macs / size.macs();
    }
}
