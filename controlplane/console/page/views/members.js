// The processes that work together at one database, and what each of them holds; nothing where one does everything.
import { html, useEffect, useState } from "../vendor/preact-htm.js";
import { told } from "../lib/api.js";
import { Table } from "./table.js";

const EVERY = 5_000; // milliseconds
const HEAD = ["Process", "Role", "Where", "Caches", "Holds"];

const rowOf = ({ name, role, host, process, caches, duties }) => ({
  key: name,
  cells: [name, role, `${host}, ${process}`, role === "agent" ? caches : "", duties.join(", ")],
});

/** Where there are several they are looked at again and again. */
export function Members() {
  const [members, setMembers] = useState([]);
  useEffect(() => {
    let next;
    const look = async () => {
      const found = await told("GET", "/_cachewright/members").catch(() => ({ members: [] }));
      setMembers(found.members);
      if (found.members.length && next !== null) next = setTimeout(look, EVERY);
    };
    look();
    return () => {
      clearTimeout(next);
      next = null;
    };
  }, []);
  return members.length > 0 && html`<h2>Processes</h2><${Table} label="Processes" head=${HEAD} rows=${members.map(rowOf)} />`;
}
