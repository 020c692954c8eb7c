// The pod for an image: as small as it can be, to show where the reference goes.

package main

import imagesourcev1 "example.org/spawner/gen/imagesource/v1"

type object = map[string]any

func podFor(user string, image *imagesourcev1.Image) object {
	return object{
		"apiVersion": "v1",
		"kind":       "Pod",
		"metadata": object{
			"name":        "lab-" + user,
			"annotations": object{"example.org/image": image.GetDisplayName()},
		},
		"spec": object{"containers": []object{{
			"name":            "lab",
			"image":           image.GetReference(), // unchanged: with its digest it is the image that was chosen
			"imagePullPolicy": "IfNotPresent",       // what was prepulled is not pulled again
		}}},
	}
}
