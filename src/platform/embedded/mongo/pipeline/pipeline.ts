import { MongoFault, unsupported } from "../fault.ts";
import { compileExpression, newScope } from "../expression/expression.ts";
import { compileFilter } from "../query/matcher.ts";
import { compileProjection, omit, treeOf } from "../query/projection.ts";
import { compileSort } from "../query/sort.ts";
import { splitPath } from "../values/path.ts";
import { isDoc, type Doc, type Value } from "../values/value.ts";
import { compileAddFields } from "./computed.ts";
import { compileGroup } from "./group.ts";
import { compileLookup } from "./lookup.ts";
import { compileUnwind } from "./unwind.ts";

/** The documents of another collection of the same database. */
export type Source = (collection: string) => readonly Doc[];
export type Pipeline = (docs: readonly Doc[], source: Source) => Doc[];
type Stage = (argument: Value) => Pipeline;

const each =
  (compile: (argument: Value) => (doc: Doc) => Doc): Stage =>
  (argument) => {
    const change = compile(argument);
    return (docs) => docs.map(change);
  };

const STAGES: Readonly<Record<string, Stage>> = {
  $match: (argument) => {
    const matches = compileFilter(argument);
    return (docs) => docs.filter(matches);
  },
  $sort: (argument) => {
    if (isDoc(argument) && Object.keys(argument).length === 0) {
      throw new MongoFault(15976, "$sort stage must have at least one sort key");
    }
    return compileSort(argument);
  },
  $limit: (argument) => {
    const limit = whole("$limit", argument, 1);
    return (docs) => docs.slice(0, limit);
  },
  $skip: (argument) => {
    const skip = whole("$skip", argument, 0);
    return (docs) => docs.slice(skip);
  },
  $project: each((argument) => {
    if (isDoc(argument) && Object.keys(argument).length === 0) {
      throw new MongoFault(51272, "projection specification must have at least one field");
    }
    return compileProjection(argument, false);
  }),
  $addFields: each(compileAddFields),
  $set: each(compileAddFields),
  $unset: each(compileUnset),
  $replaceRoot: each((argument) => {
    if (!isDoc(argument) || Object.keys(argument).join() !== "newRoot") {
      throw new MongoFault(40229, "$replaceRoot needs exactly newRoot");
    }
    return compileReplace(argument["newRoot"]);
  }),
  $replaceWith: each(compileReplace),
  $group: compileGroup,
  $sortByCount: (argument) => {
    const group = compileGroup({ _id: argument, count: { $sum: 1 } });
    const sort = compileSort({ count: -1 });
    return (docs) => sort(group(docs));
  },
  $count: compileCount,
  $unwind: compileUnwind,
  $lookup: (argument) => compileLookup(argument, compilePipeline),
  $facet: compileFacet,
  $sample: compileSample,
  $unionWith: compileUnion,
};

const KNOWN_TO_MONGODB = new Set(
  (
    "$bucket $bucketAuto $changeStream $collStats $currentOp $densify $documents $fill $geoNear " +
    "$graphLookup $indexStats $listSessions $merge $out $planCacheStats $redact $search $setWindowFields"
  ).split(" "),
);

/** Compiles an aggregation pipeline. Throws for stages that are unknown or not supported. */
export function compilePipeline(stages: Value): Pipeline {
  if (!Array.isArray(stages)) throw new MongoFault(14, "a pipeline must be an array");
  const compiled = stages.map((stage) => {
    const [name = "", ...others] = isDoc(stage) ? Object.keys(stage) : [];
    if (!isDoc(stage) || name === "" || others.length > 0) {
      throw new MongoFault(40323, "a pipeline stage must have exactly one field");
    }
    const make = Object.hasOwn(STAGES, name) ? STAGES[name] : undefined;
    if (make) return make(stage[name]);
    if (KNOWN_TO_MONGODB.has(name)) throw unsupported(`the stage ${name}`);
    throw new MongoFault(40324, `Unrecognized pipeline stage name: '${name}'`);
  });
  return (docs, source) => compiled.reduce<Doc[]>((sum, stage) => stage(sum, source), [...docs]);
}

function whole(stage: string, argument: Value, least: number): number {
  if (typeof argument === "number" && Number.isInteger(argument) && argument >= least) {
    return argument;
  }
  throw new MongoFault(15957, `the argument of ${stage} must be a whole number from ${least} on`);
}

function compileUnset(argument: Value): (doc: Doc) => Doc {
  const paths = Array.isArray(argument) ? argument : [argument];
  const parts = paths.map((path) => {
    if (typeof path !== "string" || path === "" || path.startsWith("$")) {
      throw new MongoFault(31120, "$unset needs field names");
    }
    return splitPath(path);
  });
  const tree = treeOf(parts);
  return (doc) => omit(doc, tree) as Doc;
}

function compileReplace(argument: Value): (doc: Doc) => Doc {
  const evaluate = compileExpression(argument);
  return (doc) => {
    const root = evaluate(newScope(doc));
    if (isDoc(root)) return root;
    throw new MongoFault(40228, "'newRoot' expression must evaluate to an object");
  };
}

function compileCount(argument: Value): Pipeline {
  if (typeof argument !== "string" || argument === "" || /[.$]/.test(argument)) {
    throw new MongoFault(40157, "$count needs a field name");
  }
  return (docs) => (docs.length === 0 ? [] : [{ [argument]: docs.length }]);
}

function compileFacet(argument: Value): Pipeline {
  if (!isDoc(argument) || Object.keys(argument).length === 0) {
    throw new MongoFault(40169, "$facet needs an object that is not empty");
  }
  const parts = Object.entries(argument).map(([name, stages]) => {
    const inner = Array.isArray(stages) ? stages.flatMap((stage) => Object.keys(stage ?? {})) : [];
    if (inner.includes("$facet")) throw new MongoFault(40600, "$facet inside $facet");
    return [name, compilePipeline(stages)] as const;
  });
  return (docs, source) => [
    Object.fromEntries(parts.map(([name, pipeline]) => [name, pipeline(docs, source)])),
  ];
}

function compileSample(argument: Value): Pipeline {
  if (!isDoc(argument) || Object.keys(argument).join() !== "size") {
    throw new MongoFault(28747, "$sample needs exactly a size");
  }
  const size = whole("$sample", argument["size"], 1);
  return (docs) => {
    const pool = [...docs];
    const taken: Doc[] = [];
    while (taken.length < size && pool.length > 0) {
      taken.push(...pool.splice(Math.floor(Math.random() * pool.length), 1));
    }
    return taken;
  };
}

function compileUnion(argument: Value): Pipeline {
  const { coll, pipeline, ...others } = isDoc(argument) ? argument : { coll: argument };
  if (typeof coll !== "string" || Object.keys(others).length > 0) {
    throw new MongoFault(9, "$unionWith needs a collection and may have a pipeline");
  }
  const refine = compilePipeline(pipeline ?? []);
  return (docs, source) => [...docs, ...refine(source(coll), source)];
}
