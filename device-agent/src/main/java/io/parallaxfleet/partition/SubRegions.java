package io.parallaxfleet.partition;

import io.parallaxfleet.graph.ModelGraph;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.random.RandomGenerator;

/**
 * Draws pieces of candidate regions for exploration: run under {@link DelegationPolicy.Exactly} they give samples of many
 * different F and B, which a cost model needs and the regions of the policy in force do not give.
 */
public final class SubRegions {
    /** The smallest share of a region's F that is aimed at: with the sizes of real regions this reaches single operators. */
    private static final double SMALLEST_SHARE = 1e-3;

    private SubRegions() {}

    /**
     * A connected, convex set of eligible operators: partitioning under {@code Exactly} its nodes gives exactly this one region.
     *
     * <p>A candidate region is chosen with a probability in proportion to its operators, put in a random topological order, and
     * an interval of that order around a random operator is grown until it holds {@code F·s} MACs, where s is log-uniform in
     * 0.001..1; the part of the interval that hangs together with that operator is the draw. An interval of a topological
     * order of a convex set is convex, and so is each connected part of a convex set.
     *
     * @return empty when no operator is eligible
     */
    public static Optional<Region> draw(ModelGraph graph, OperatorSupport support, RandomGenerator random) {
        List<Region> candidates = Partitioner.candidates(graph, support, new DelegationPolicy.Never());
        int operators = candidates.stream().mapToInt(Region::operators).sum();
        if (operators == 0) {
            return Optional.empty();
        }
        int chosen = random.nextInt(operators);
        for (Region region : candidates) {
            if (chosen < region.operators()) {
                Set<Integer> piece = piece(graph, region, region.nodes().get(chosen), random);
                return Optional.of(Partitioner.describe(graph, 0, List.copyOf(piece)));
            }
            chosen -= region.operators();
        }
        throw new IllegalStateException("the operators of " + candidates.size() + " regions do not add up to " + operators);
    }

    private static Set<Integer> piece(ModelGraph graph, Region region, int seed, RandomGenerator random) {
        List<Integer> order = randomOrder(graph, region, random);
        double share = Math.pow(SMALLEST_SHARE, random.nextDouble());
        // A region that computes nothing is measured in operators instead.
        boolean counted = region.macs() > 0;
        double wanted = share * (counted ? region.macs() : region.operators());
        int first = order.indexOf(seed);
        int last = first;
        double held = weight(graph, seed, counted);
        while (held < wanted && (first > 0 || last < order.size() - 1)) {
            boolean backwards = first > 0 && (last == order.size() - 1 || random.nextBoolean());
            held += weight(graph, order.get(backwards ? --first : ++last), counted);
        }
        return connectedPart(graph, Set.copyOf(order.subList(first, last + 1)), seed);
    }

    private static double weight(ModelGraph graph, int node, boolean counted) {
        return counted ? graph.macs(node) : 1;
    }

    private static List<Integer> randomOrder(ModelGraph graph, Region region, RandomGenerator random) {
        Map<Integer, Integer> waiting = new HashMap<>();
        List<Integer> ready = new ArrayList<>();
        Set<Integer> inside = Set.copyOf(region.nodes());
        for (int node : region.nodes()) {
            int before = (int) graph.predecessors(node).stream().filter(inside::contains).count();
            waiting.put(node, before);
            if (before == 0) {
                ready.add(node);
            }
        }
        List<Integer> order = new ArrayList<>();
        while (!ready.isEmpty()) {
            int position = random.nextInt(ready.size());
            int node = ready.set(position, ready.get(ready.size() - 1));
            ready.remove(ready.size() - 1);
            order.add(node);
            for (int next : graph.successors(node)) {
                if (inside.contains(next) && waiting.merge(next, -1, Integer::sum) == 0) {
                    ready.add(next);
                }
            }
        }
        return order;
    }

    private static Set<Integer> connectedPart(ModelGraph graph, Set<Integer> nodes, int seed) {
        Set<Integer> part = new TreeSet<>(Set.of(seed));
        Deque<Integer> open = new ArrayDeque<>(part);
        while (!open.isEmpty()) {
            int node = open.pop();
            for (List<Integer> side : List.of(graph.successors(node), graph.predecessors(node))) {
                for (int neighbour : side) {
                    if (nodes.contains(neighbour) && part.add(neighbour)) {
                        open.push(neighbour);
                    }
                }
            }
        }
        return part;
    }
}
