/*
 * Links to comments from where a discussion was imported from: their anchors are those of that system, such as
 * #isso-17, and lead to nothing that is on the page. The server knows which comment that is.
 */
import { addressOf } from "../newsroom/addresses.js";
import { api } from "../newsroom/api.js";

const FOREIGN = /^((atk-)?comment|isso)-\d+$|^(remark42__comment|commento|comentario)-.|^[0-9a-f]{24}$/;

/** Goes to the comment that the page's address names in another system's way, if there is one. */
export async function followForeignAnchor(discussion) {
  const coral = new URLSearchParams(location.search).get("commentID");
  const name = coral ? `commentID=${coral}` : location.hash.slice(1);
  if (!coral && (!FOREIGN.test(name) || document.getElementById(name))) return;
  try {
    const path = `discussions/${discussion}/anchor/?name=${encodeURIComponent(name)}`;
    const { data } = await api("GET", path);
    if (document.getElementById(`comment-${data.comment}`)) location.hash = `comment-${data.comment}`;
    else location.replace(addressOf("comment", { pk: data.comment }));
  } catch {
    // there is none
  }
}
